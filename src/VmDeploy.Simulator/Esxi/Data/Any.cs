using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Data;

/// <summary>A value with the name of its type, for elements of any type.</summary>
/// <param name="Type">Type of the value, or of its items.</param>
/// <param name="IsArray">The value is a list.</param>
/// <param name="Value">A primitive, <see cref="Mor"/>, <see cref="DataObject"/> or a list of these.</param>
internal sealed record Any(string Type, bool IsArray, object Value)
{
    /// <summary>A value that includes its type.</summary>
    public static Any Of(object value) => value switch
    {
        Any any => any,
        Mor => new("ManagedObjectReference", false, value),
        DataObject data => new(data.Type.Name, false, value),
        _ => new(Primitive.NameOf(value), false, value),
    };

    /// <summary>The value of an element, which may itself be declared with any type.</summary>
    public static Any Of(string type, bool isArray, object value) =>
        value is Any || (type == "anyType" && !isArray) ? Of(value) : new(type, isArray, value);
}

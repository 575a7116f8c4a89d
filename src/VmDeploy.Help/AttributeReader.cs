using System.Reflection;

namespace VmDeploy.Help;

/// <summary>Reads attributes as they are written: those of the stand-in for PowerShell, when they are made, hold nothing.</summary>
internal static class AttributeReader
{
    public static IEnumerable<CustomAttributeData> Attributes<T>(this MemberInfo member)
        where T : Attribute
        => member.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(T));

    /// <summary>What a named argument says, or what it means when it is left out.</summary>
    public static T Named<T>(this CustomAttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value ? value : otherwise;

    /// <summary>The texts among its positional arguments, also those of a list.</summary>
    public static IReadOnlyList<string> Texts(this CustomAttributeData attribute) =>
        [.. attribute.ConstructorArguments.SelectMany(argument => argument.Value is IEnumerable<CustomAttributeTypedArgument> list ? list : [argument])
            .Select(argument => argument.Value).OfType<string>()];
}

using System.Reflection;

namespace VmDeploy.Help;

/// <summary>Reads attributes from the metadata: instances of the reference assembly's attributes contain no values.</summary>
internal static class AttributeReader
{
    public static IEnumerable<CustomAttributeData> Attributes<T>(this MemberInfo member)
        where T : Attribute
        => member.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(T));

    /// <summary>The value of a named argument, or its default.</summary>
    public static T Named<T>(this CustomAttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.MemberName == name).TypedValue.Value is T value ? value : otherwise;

    /// <summary>The texts among its positional arguments, including those of a list.</summary>
    public static IReadOnlyList<string> Texts(this CustomAttributeData attribute) =>
        [.. attribute.ConstructorArguments.SelectMany(argument => argument.Value is IEnumerable<CustomAttributeTypedArgument> list ? list : [argument])
            .Select(argument => argument.Value).OfType<string>()];
}

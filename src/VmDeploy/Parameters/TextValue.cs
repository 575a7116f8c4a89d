using System.Collections;
using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>PowerShell makes a text of any object: of a map or a secret it takes the name of the type, of a list its items in a row.</summary>
internal static class TextValue
{
    /// <summary>What a value for a text, or for a list of texts, is instead; null if it is one.</summary>
    public static string? Misfit(Type parameter, object? value) =>
        parameter == typeof(string) ? Misfit(value)
        : parameter == typeof(string[]) && PlainValue.Of(value) is IList list ? list.Cast<object?>().Select(Misfit).FirstOrDefault(one => one is not null)
        : null;

    /// <summary>Whether a parameter takes nothing else: none of its transformations makes a text of an object from a file.</summary>
    public static bool IsTextOnly(PropertyInfo parameter) => parameter.GetCustomAttributes<ArgumentTransformationAttribute>().All(one => one is PlainTextAttribute);

    /// <inheritdoc cref="Misfit(Type, object?)"/>
    public static string? Misfit(object? value) => PlainValue.Of(value) switch
    {
        string => null,
        PSCustomObject or IDictionary => "a map",
        IEnumerable => "a list",
        System.Security.SecureString or PSCredential => "a secret",
        _ => null,
    };
}

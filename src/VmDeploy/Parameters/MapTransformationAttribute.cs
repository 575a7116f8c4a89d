using System.Collections;
using System.Security;

namespace VmDeploy.PowerShell;

/// <summary>Lets a hashtable parameter accept an object with properties, as from JSON; values become text.</summary>
[System.AttributeUsage(System.AttributeTargets.Property)]
public sealed class MapTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : inputData;
        var map = new Hashtable(System.StringComparer.Ordinal);
        switch (value)
        {
            case null or "":
                return null;
            case IDictionary given:
                foreach (DictionaryEntry entry in given)
                    map[Text(entry.Key, entry.Key)] = Text(entry.Key, entry.Value);
                return map;
            case PSObject json:
                foreach (var property in json.Properties.Where(property => property.MemberType == PSMemberTypes.NoteProperty))
                    map[property.Name] = Text(property.Name, property.Value);
                return map;
            default:
                throw new ArgumentTransformationMetadataException(
                    $"A hashtable is required, for example @{{ 'key' = 'value' }}, not {value.GetType().Name} '{value}'.");
        }
    }

    internal static IReadOnlyDictionary<string, string> Read(Hashtable? map) => map is null
        ? new Dictionary<string, string>()
        : map.Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string)entry.Value!, System.StringComparer.Ordinal);

    private static string Text(object key, object? value)
    {
        var plain = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            null => "",
            SecureString secret => JsonText.Reveal(secret),
            bool flag => flag ? "true" : "false",
            string or char or System.Enum or System.Uri or System.Version or System.Guid or System.Net.IPAddress or VmNetwork => plain.ToString()!,
            System.IConvertible => (string)LanguagePrimitives.ConvertTo(plain, typeof(string), CultureInfo.InvariantCulture),
            _ => throw new ArgumentTransformationMetadataException(
                $"The value of '{key}' is a {plain.GetType().Name}. A text, a number, true, false or a SecureString is required."),
        };
    }
}

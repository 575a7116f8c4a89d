using System.Collections;
using System.Net;
using System.Security;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>
/// Writes hashtables, lists and objects of PowerShell as JSON that a YAML reader takes too. Unlike ConvertTo-Json it writes a
/// SecureString as its text, and refuses values that are not data; no message quotes a value.
/// </summary>
internal static class JsonText
{
    private const int Deepest = 50;

    public static string Write(object? value)
    {
        var json = new StringBuilder();
        Write(json, value, "", 0);
        return json.ToString();
    }

    /// <summary>The text of a SecureString.</summary>
    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;

    private static void Write(StringBuilder json, object? value, string path, int depth)
    {
        if (depth > Deepest)
            throw new ArgumentTransformationMetadataException($"'{path.Substring(0, 40)}...' is nested more than {Deepest} levels deep.");
        var plain = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case null:
                json.Append("null");
                break;
            case SecureString secret:
                WriteText(json, Reveal(secret));
                break;
            case bool or SwitchParameter:
                json.Append(LanguagePrimitives.IsTrue(plain) ? "true" : "false");
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or System.Numerics.BigInteger:
                json.Append(((IFormattable)plain).ToString(null, CultureInfo.InvariantCulture));
                break;
            case float or double when System.Convert.ToDouble(plain, CultureInfo.InvariantCulture) is var number && !double.IsNaN(number) && !double.IsInfinity(number):
                json.Append(((IFormattable)plain).ToString("R", CultureInfo.InvariantCulture));
                break;
            case DateTime or DateTimeOffset:
                WriteText(json, ((IFormattable)plain).ToString("o", CultureInfo.InvariantCulture));
                break;
            case string or char or Enum or Guid or Uri or Version or IPAddress or TimeSpan:
                WriteText(json, plain.ToString()!);
                break;
            case IDictionary map:
                WriteMap(json, map.Cast<DictionaryEntry>().Select(entry => (LanguagePrimitives.ConvertTo<string>(entry.Key), (object?)entry.Value)), path, depth);
                break;
            case PSObject custom:
                WriteMap(json, custom.Properties.Where(property => property.MemberType == PSMemberTypes.NoteProperty).Select(property => (property.Name, (object?)property.Value)), path, depth);
                break;
            case IEnumerable list:
                WriteMembers(json, '[', ']', list.Cast<object?>(), (member, index) => Write(json, member, $"{path}[{index}]", depth + 1), depth);
                break;
            default:
                throw new ArgumentTransformationMetadataException(
                    $"The value of '{path}' is a {plain.GetType().Name}. A text, a number, true, false, a list, a hashtable or a SecureString is required.");
        }
    }

    private static void WriteMap(StringBuilder json, IEnumerable<(string Key, object? Value)> entries, string path, int depth) =>
        WriteMembers(json, '{', '}', entries, (entry, _) =>
        {
            WriteText(json, entry.Key);
            json.Append(": ");
            Write(json, entry.Value, path.Length == 0 ? entry.Key : $"{path}.{entry.Key}", depth + 1);
        }, depth);

    private static void WriteMembers<T>(StringBuilder json, char start, char end, IEnumerable<T> members, Action<T, int> write, int depth)
    {
        json.Append(start);
        var count = 0;
        foreach (var member in members)
        {
            json.Append(count == 0 ? "\n" : ",\n").Append(' ', 2 * (depth + 1));
            write(member, count++);
        }
        if (count > 0)
            json.Append('\n').Append(' ', 2 * depth);
        json.Append(end);
    }

    private static void WriteText(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            // YAML readers refuse control characters, which a text in PowerShell can contain.
            if (c is '"' or '\\')
                json.Append('\\').Append(c);
            else if (char.IsControl(c))
                json.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else
                json.Append(c);
        }
        json.Append('"');
    }
}

using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>The placeholders in cloud-init's documents. Other text in braces is not changed, nor are <c>${name}</c> of a shell and <c>{{name}}</c> of Jinja.</summary>
internal static class Placeholders
{
    private static readonly Regex s_known = new(@"(?<!\$)\{(name|hostname|brace|n|n:0{1,9})\}", RegexOptions.CultureInvariant);

    /// <summary>Replaces them.</summary>
    /// <param name="text">The document.</param>
    /// <param name="name">For <c>{name}</c>: the VM's name.</param>
    /// <param name="number">For <c>{n}</c>, and <c>{n:000}</c> with leading zeros: the VM's number.</param>
    /// <param name="hostName">For <c>{hostname}</c>.</param>
    public static string Fill(string text, string name, int number, string hostName)
    {
        var quoted = YamlText.IsJson(text) ? name.Replace("\"", "\\\"") : name;
        return s_known.Replace(text, found => IsJinja(text, found) ? found.Value : found.Groups[1].Value switch
        {
            "name" => quoted,
            "hostname" => hostName,
            "brace" => "{",
            "n" => number.ToString(CultureInfo.InvariantCulture),
            var padded => number.ToString(padded.Substring(2), CultureInfo.InvariantCulture),
        });
    }

    private static bool IsJinja(string text, Match found) =>
        found.Index > 0 && text[found.Index - 1] == '{' && found.Index + found.Length < text.Length && text[found.Index + found.Length] == '}';
}

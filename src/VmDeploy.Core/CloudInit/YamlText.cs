using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>What can be read and changed in a YAML text without a parser. JSON is YAML in flow style.</summary>
internal static class YamlText
{
    // Lines before the content: blank ones, comments and the start of the document.
    private static readonly Regex s_head = new(@"\A(?>(?:[ \t]*(?:#[^\n]*|---[ \t]*)?\n)*)[ \t]*", RegexOptions.CultureInvariant);

    /// <summary>The text without what Windows editors leave: a byte order mark, and line ends that break scripts.</summary>
    public static string Normalize(string text) => text.TrimStart('\ufeff').Replace("\r\n", "\n");

    /// <summary>Whether the content is in flow style.</summary>
    public static bool IsJson(string text) => ContentStart(text) is var start && start < text.Length && text[start] == '{';

    /// <summary>Whether the text has keys and values. The path of a missing file, given as text, has no key followed by a colon and a space or the end of a line.</summary>
    public static bool IsMapping(string text) => IsJson(text) || Regex.IsMatch(text, @"^[^#\s][^:\n]*:(\s|$)", RegexOptions.Multiline);

    /// <summary>The text with a key of the outermost mapping, unless it has that key. In flow style a key must go inside the braces.</summary>
    public static string WithKey(string text, string key, string value)
    {
        if (HasKey(text, key))
            return text;
        if (!IsJson(text))
            return $"{text}{(text.Length == 0 || text.EndsWith("\n", StringComparison.Ordinal) ? "" : "\n")}{key}: \"{value}\"\n";
        var brace = ContentStart(text);
        var rest = text.Substring(brace + 1);
        return $"{text.Substring(0, brace)}{{\"{key}\": \"{value}\"{(rest.TrimStart().StartsWith("}", StringComparison.Ordinal) ? "" : ",")} {rest}";
    }

    /// <summary>Whether the outermost mapping has the key; the same key further inside doesn't count.</summary>
    public static bool HasKey(string text, string key)
    {
        var name = $@"[""']?{Regex.Escape(key)}[""']?[ \t]*:";
        if (!IsJson(text))
            return Regex.IsMatch(text, $@"^{name}(\s|$)", RegexOptions.Multiline);
        var outer = new Regex($@"\G\s*{name}");
        var (depth, quote) = (0, '\0');
        for (var i = ContentStart(text); i < text.Length; i++)
        {
            var character = text[i];
            if (quote != '\0')
            {
                if (character == '\\' && quote == '"')
                    i++;
                else if (character == quote)
                    quote = '\0';
            }
            else if (character == '"' || (character == '\'' && !char.IsLetterOrDigit(text[i - 1])))
            {
                quote = character;
            }
            else
            {
                depth += character switch { '{' or '[' => 1, '}' or ']' => -1, _ => 0 };
                if (depth == 1 && (character == '{' || character == ',') && outer.IsMatch(text, i + 1))
                    return true;
            }
        }
        return false;
    }

    /// <summary>The value of the key that the whole text consists of, or the text if it has other keys.</summary>
    public static string WithoutOuterKey(string text, string key)
    {
        if (IsJson(text))
        {
            var opening = Regex.Match(text.Substring(ContentStart(text)), $@"\A\{{\s*""?{Regex.Escape(key)}""?\s*:\s*(\{{.*\}})\s*\}}\s*\z", RegexOptions.Singleline);
            return opening.Success && IsOneObject(opening.Groups[1].Value) ? opening.Groups[1].Value : text;
        }
        var lines = text.Split('\n');
        var outer = Array.FindIndex(lines, line => !IsEmpty(line));
        return outer >= 0 && Regex.IsMatch(lines[outer], $@"^{Regex.Escape(key)}:[ \t]*(#.*)?$")
            && lines.Skip(outer + 1).All(line => IsEmpty(line) || line[0] is ' ' or '\t') && lines.Skip(outer + 1).Any(line => !IsEmpty(line))
            ? string.Join("\n", lines.Where((_, index) => index != outer))
            : text;
    }

    private static int ContentStart(string text) => s_head.Match(text).Length;

    private static bool IsEmpty(string line) => line.Trim() is "" or "---" || line.TrimStart()[0] == '#';

    // The first brace is closed by the last one.
    private static bool IsOneObject(string json)
    {
        var (depth, isText) = (0, false);
        for (var i = 0; i < json.Length; i++)
        {
            if (isText && json[i] == '\\')
                i++;
            else if (json[i] == '"')
                isText = !isText;
            else if (!isText)
                depth += json[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0 && i < json.Length - 1)
                return false;
        }
        return depth == 0;
    }
}

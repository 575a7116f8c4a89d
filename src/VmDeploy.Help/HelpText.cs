namespace VmDeploy.Help;

/// <summary>
/// One Markdown file: a title, a synopsis, and sections with entries. Only headings, paragraphs, lists and fenced code are known.
/// </summary>
internal sealed class HelpText
{
    private readonly string _file;
    private readonly Dictionary<(string Section, string Entry), List<string>> _blocks = [];
    private readonly HashSet<(string Section, string Entry)> _taken = [];

    private HelpText(string file, string title)
    {
        _file = file;
        Title = title;
    }

    public string Title { get; }

    public static HelpText Read(string file)
    {
        var lines = File.ReadAllLines(file);
        if (lines.Length == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal))
            throw new FormatException($"{file}(1): error HELP: The file must begin with '# ' and the name of its cmdlet.");
        var text = new HelpText(file, lines[0][2..]);
        (string Section, string Entry) place = ("", "");
        var blocks = text._blocks[place] = [];
        bool inCode = false, inParagraph = false;
        foreach (var line in lines.Skip(1))
        {
            if (!inCode && line.StartsWith('#'))
            {
                place = line.StartsWith("### ", StringComparison.Ordinal) ? (place.Section, line[4..]) : (line[3..], "");
                if (!text._blocks.TryAdd(place, blocks = []))
                    throw new FormatException($"{file}: error HELP: '{line}' is there twice.");
                inParagraph = false;
            }
            else if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
                inParagraph = inCode;
                if (inCode)
                    blocks.Add(line);
            }
            else if (inCode)
            {
                blocks[^1] += "\n" + line;
            }
            else if (line.Length == 0)
            {
                inParagraph = false;
            }
            else if (inParagraph && !line.StartsWith("- ", StringComparison.Ordinal))
            {
                blocks[^1] += " " + line.Trim();
            }
            else
            {
                blocks.Add(line);
                inParagraph = true;
            }
        }
        return text;
    }

    /// <summary>The entries of a section, in their order.</summary>
    public IReadOnlyList<string> Entries(string section) =>
        [.. _blocks.Keys.Where(place => place.Section == section && place.Entry.Length > 0).Select(place => place.Entry)];

    /// <summary>The paragraphs and code blocks of a place; null if it does not exist. A code block still has its opening fence.</summary>
    public IReadOnlyList<string>? Take(string section, string entry = "")
    {
        _taken.Add((section, entry));
        return _blocks.GetValueOrDefault((section, entry));
    }

    /// <summary>Refuses texts that were not used.</summary>
    public void ThrowIfLeft()
    {
        var left = _blocks.Where(block => block.Value.Count > 0 && !_taken.Contains(block.Key)).Select(block => $"'{block.Key.Section} {block.Key.Entry}'").ToList();
        if (left.Count > 0)
            throw new FormatException($"{_file}: error HELP: {Title} has no {string.Join(", ", left)}.");
    }
}

namespace VmDeploy.Help;

/// <summary>The Markdown files: one for each cmdlet, and Shared.md with the parameters that cmdlets inherit.</summary>
internal sealed class HelpTexts
{
    private readonly Dictionary<string, HelpText> _cmdlets;
    private readonly HelpText _shared;

    public HelpTexts(string folder)
    {
        var all = Directory.GetFiles(folder, "*.md").Select(HelpText.Read).ToDictionary(text => text.Title);
        _shared = all["Shared"];
        _shared.Take("");
        all.Remove("Shared");
        _cmdlets = all;
    }

    public bool Has(Command command) => _cmdlets.ContainsKey(command.Name);

    public HelpText Of(Command command) => _cmdlets[command.Name];

    /// <summary>A parameter's text: the cmdlet's own, otherwise that of the class that declares it. A test finds missing texts.</summary>
    public IReadOnlyList<string> Of(Command command, CommandParameter parameter) =>
        Of(command).Take("Parameters", "-" + parameter.Name) ?? _shared.Take(parameter.Owner, "-" + parameter.Name) ?? [];

    /// <summary>Refuses unused text: its cmdlet or parameter does not exist (any more).</summary>
    public void ThrowIfLeft()
    {
        foreach (var text in _cmdlets.Values.Append(_shared))
            text.ThrowIfLeft();
    }
}

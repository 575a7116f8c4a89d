using System.Xml.Linq;

namespace VmDeploy.Help;

/// <summary>PowerShell's help format.</summary>
internal static class Maml
{
    private const string Fence = "```";

    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>The namespace of the file's root.</summary>
    public static XNamespace Root { get; } = "http://msh";

    public static XElement Write(Command command, HelpTexts texts)
    {
        var text = texts.Of(command);
        return new XElement(s_command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", s_maml), new XAttribute(XNamespace.Xmlns + "command", s_command), new XAttribute(XNamespace.Xmlns + "dev", s_dev),
            new XElement(s_command + "details",
                new XElement(s_command + "name", command.Name),
                new XElement(s_command + "verb", command.Verb),
                new XElement(s_command + "noun", command.Noun),
                Paragraphs(s_maml + "description", text.Take(""))),
            Paragraphs(s_maml + "description", text.Take("Description")),
            new XElement(s_command + "syntax", command.Sets.Select(set => SyntaxItem(command, set))),
            new XElement(s_command + "parameters", command.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal)
                .Select(p => Parameter(p, p.In(command.Sets[0]) ?? p.First, Paragraphs(s_maml + "description", texts.Of(command, p))))),
            new XElement(s_command + "inputTypes", Types(text, "Inputs", "inputType")),
            new XElement(s_command + "returnValues", Types(text, "Outputs", "returnValue")),
            new XElement(s_maml + "alertSet", Paragraphs(s_maml + "alert", text.Take("Notes"))),
            new XElement(s_command + "examples", text.Entries("Examples").Select((title, i) => Example(i + 1, title, text.Take("Examples", title)!))),
            new XElement(s_command + "relatedLinks", (text.Take("Related links") ?? []).Select(link =>
                new XElement(s_maml + "navigationLink", new XElement(s_maml + "linkText", link.TrimStart('-', ' ')), new XElement(s_maml + "uri")))));
    }

    private static XElement SyntaxItem(Command command, string set) => new(s_command + "syntaxItem",
        new XElement(s_maml + "name", command.Name),
        command.Parameters.Where(p => p.In(set) is not null)
            // As PowerShell shows it: by position, then required parameters, then the rest.
            .OrderBy(p => p.In(set)!.Position ?? int.MaxValue)
            .ThenBy(p => !p.In(set)!.IsRequired)
            .Select(p => Parameter(p, p.In(set)!, null)));

    private static XElement Parameter(CommandParameter parameter, Binding binding, XElement? description) => new(s_command + "parameter",
        new XAttribute("required", Bool(binding.IsRequired)),
        new XAttribute("variableLength", Bool(parameter.Type.IsArray)),
        new XAttribute("globbing", Bool(parameter.HasWildcards)),
        new XAttribute("pipelineInput", binding.PipelineInput),
        new XAttribute("position", binding.PositionText),
        new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
        new XElement(s_maml + "name", parameter.Name),
        description,
        parameter.Values.Count > 0
            ? new XElement(s_command + "parameterValueGroup", parameter.Values.Select(value => Value(value, isRequired: false)))
            : null,
        parameter.IsSwitch ? null : Value(parameter.Type.Name, isRequired: true),
        new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.Type.Name), new XElement(s_maml + "uri")),
        new XElement(s_dev + "defaultValue", parameter.Default));

    private static XElement Value(string text, bool isRequired) => new(s_command + "parameterValue",
        new XAttribute("required", Bool(isRequired)), new XAttribute("variableLength", "false"), text);

    private static IEnumerable<XElement> Types(HelpText text, string section, string element) => text.Entries(section).Select(type =>
        new XElement(s_command + element,
            new XElement(s_dev + "type", new XElement(s_maml + "name", type), new XElement(s_maml + "uri")),
            Paragraphs(s_maml + "description", text.Take(section, type))));

    // Code and its output come first, with an empty line between them; the text follows.
    private static XElement Example(int number, string title, IReadOnlyList<string> blocks) => new(s_command + "example",
        new XElement(s_maml + "title", $"---- Example {number}: {title} ----"),
        new XElement(s_dev + "code", string.Join("\n\n", blocks.Where(IsCode).Select(block => block[(block.IndexOf('\n') + 1)..]))),
        Paragraphs(s_dev + "remarks", blocks.Where(block => !IsCode(block)).ToList()));

    private static bool IsCode(string block) => block.StartsWith(Fence, StringComparison.Ordinal);

    private static XElement Paragraphs(XName name, IReadOnlyList<string>? blocks) =>
        new(name, (blocks ?? []).Select(block => new XElement(s_maml + "para", block.Replace("`", ""))));

    private static string Bool(bool value) => value ? "true" : "false";
}

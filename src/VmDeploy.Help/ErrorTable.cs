using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VmDeploy.Help;

/// <summary>All errors as text: ids and categories from Core, the conditions from its comments, advice from the module.</summary>
internal static partial class ErrorTable
{
    private const int Width = 76;
    private const int CategoryColumn = 44;

    /// <param name="module">The module's assembly.</param>
    /// <param name="core">The path of VmDeploy.Core.dll, with the XML file of its comments beside it.</param>
    public static string Write(Assembly module, string core)
    {
        var codes = Assembly.LoadFrom(core).GetType("VmDeploy.ErrorCodes", throwOnError: true)!;
        var advice = module.GetType("VmDeploy.PowerShell.ErrorAdvice", throwOnError: true)!;
        var comments = XDocument.Load(Path.ChangeExtension(core, ".xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value, member => Spaces().Replace(member.Element("summary")?.Value ?? "", " ").Trim());
        var text = new StringBuilder();
        foreach (var code in (IEnumerable)codes.GetProperty("All")!.GetValue(null)!)
        {
            string Value(string property) => code.GetType().GetProperty(property)!.GetValue(code)!.ToString()!;
            var action = (string)advice.GetMethod("For", [code.GetType()])!.Invoke(null, [code])!;
            if (action.Length == 0)
                throw new System.FormatException($"src/VmDeploy/Errors/ErrorAdvice.cs : error : {Value("Id")} has no entry.");
            text.Append("    ").Append(Value("Id").PadRight(CategoryColumn - 4)).Append(Value("Kind")).Append('\n');
            foreach (var line in Wrap(comments[$"F:VmDeploy.ErrorCodes.{Value("Id")}"]).Concat(Wrap(action)))
                text.Append("        ").Append(line).Append('\n');
            text.Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }

    private static IEnumerable<string> Wrap(string text)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && 8 + line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }
            line += line.Length > 0 ? " " + word : word;
        }
        yield return line;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

using System.Globalization;

namespace VmDeploy.Simulator;

/// <summary>Options of the executable: <c>--name value</c> pairs and <c>--name</c> switches.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <exception cref="FormatException">An unknown option, or an option without its value.</exception>
    public CommandLine(IReadOnlyList<string> args, IReadOnlyCollection<Option> known)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var option = known.FirstOrDefault(o => o.Name == args[i])
                ?? throw new FormatException($"Option '{args[i]}' not found. --help lists the options.");
            if (option.Value is null)
                _values[option.Name] = "";
            else if (++i < args.Count)
                _values[option.Name] = args[i];
            else
                throw new FormatException($"{option.Name} requires a value: {option.Value}.");
        }
    }

    public bool Has(string name) => _values.ContainsKey(name);

    public string Text(string name, string otherwise) => _values.GetValueOrDefault(name, otherwise);

    public int Number(string name, int otherwise) =>
        !_values.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new FormatException($"{name} requires a number; '{text}' is not one.");

    /// <summary>An option that the executable accepts.</summary>
    /// <param name="Name">With its dashes.</param>
    /// <param name="Value">Placeholder for the value in the help; null for a switch.</param>
    /// <param name="Help">One line.</param>
    public sealed record Option(string Name, string? Value, string Help);
}

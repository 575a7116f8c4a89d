using System.Text.RegularExpressions;
using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>The names of the VMs to create.</summary>
public static class VmNames
{
    private static readonly Regex s_placeholder = new(@"\{[^{}]*\}?|\}", RegexOptions.CultureInvariant);
    private static readonly Regex s_padded = new(@"^\{n:0+\}$", RegexOptions.CultureInvariant);

    private static readonly Regex s_unfinished = new(@" \(being created, [0-9a-f]{8}\)$", RegexOptions.CultureInvariant);

    /// <summary>The name of a VM until everything is finished, on hosts where others could use it before.</summary>
    internal static string Unfinished(string name, string id) => $"{name} (being created, {id})";

    /// <summary>Whether a VM has such a name.</summary>
    internal static bool IsUnfinished(string name) => s_unfinished.IsMatch(name);

    /// <summary><c>prefix1</c> to <c>prefixN</c>.</summary>
    public static IReadOnlyList<string> Numbered(string prefix, int count) =>
        Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"{prefix}{i}")).ToList();

    /// <summary>Names from a pattern.</summary>
    /// <param name="pattern"><c>{source}</c> stands for the source's name, <c>{n}</c> for 1, 2 ..., <c>{n:000}</c> for 001, 002 ...</param>
    /// <param name="source">The source's name.</param>
    /// <param name="count">How many.</param>
    /// <param name="machine">For <c>{name}</c>: the name of one of several machines of the source; null if the source is a single one.</param>
    public static IReadOnlyList<string> FromPattern(string pattern, string source, int count, string? machine = null) =>
        Enumerable.Range(1, count).Select(n => s_placeholder.Replace(pattern, placeholder => placeholder.Value switch
        {
            "{source}" => source,
            "{name}" when machine is not null => machine,
            "{n}" => n.ToString(CultureInfo.InvariantCulture),
            var padded when s_padded.IsMatch(padded) => n.ToString(padded.Substring(3, padded.Length - 4), CultureInfo.InvariantCulture),
            var unknown => throw new VmDeployException(ErrorCodes.NameInvalid, $"'{unknown}' in the pattern '{pattern}' is not a known placeholder.", pattern,
                hint: ErrorHint.NamePlaceholders),
        })).ToList();

    /// <summary>Refuses an empty list, names that the host does not allow, and duplicates.</summary>
    internal static void Check(IReadOnlyList<string> names, VmLimits limits)
    {
        if (names.Count == 0)
            throw new VmDeployException(ErrorCodes.NameInvalid, "No VM name was given.");
        foreach (var name in names)
        {
            // A VM's name is also its folder's.
            if (string.IsNullOrWhiteSpace(name) || name is "." or ".." || name.Any(c => c is '/' or '\\' or '%' || char.IsControl(c)) || OutgoingText.FindInvalid(name) is not null)
                throw new VmDeployException(ErrorCodes.NameInvalid, $"'{name}' is not a valid VM name.", name);
            if (name.Length > limits.NameLength)
                throw new VmDeployException(ErrorCodes.NameInvalid, $"The VM name '{name}' has {name.Length} characters; this host allows 1 to {limits.NameLength}.", name);
        }
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new VmDeployException(ErrorCodes.DuplicateVmName, $"The name '{twice.Key}' is given {twice.Count()} times.", twice.Key);
    }
}

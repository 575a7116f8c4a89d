namespace VmDeploy.PowerShell;

/// <summary>Names as users give them, with wildcards. Remembers names without wildcards that nothing matches.</summary>
internal sealed class NameFilter
{
    private readonly IReadOnlyList<string> _names;
    private readonly List<WildcardPattern> _patterns;
    private readonly HashSet<string> _unmatched;

    /// <summary>Creates the filter.</summary>
    /// <exception cref="VmDeployException"><c>NameInvalid</c> for an empty name or an empty list, which must not mean all.</exception>
    public NameFilter(IReadOnlyList<string>? names)
    {
        if (names is null or { Count: 0 } || names.Any(string.IsNullOrEmpty))
            throw new VmDeployException(ErrorCodes.NameInvalid, names is { Count: 0 } ? "An empty list of names was given." : "An empty name was given.", hint: ErrorHint.NameIsEmpty);
        _names = names;
        _patterns = names.Where(IsPattern).Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToList();
        _unmatched = new(names.Where(name => !IsPattern(name)), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether the name has wildcards. A bracket that is not closed stands for itself, and so does the name of a given object.</summary>
    public static bool IsPattern(string name)
    {
        if (HostObjectText.IsObject(name))
            return false;
        try
        {
            WildcardPattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(name);
            return WildcardPattern.ContainsWildcardCharacters(name);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    public bool IsAll => _names.All(name => name == "*");
    public IEnumerable<string> Unmatched => _unmatched;

    /// <summary>Whether a name matches. A name that really contains brackets also matches literally.</summary>
    public bool Matches(string name)
    {
        _unmatched.Remove(name);
        return IsAll || _patterns.Exists(pattern => pattern.IsMatch(name)) || _names.Contains(name, StringComparer.OrdinalIgnoreCase);
    }
}

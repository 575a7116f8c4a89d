namespace VmDeploy.PowerShell;

internal static class NearestName
{
    // Shorter words resemble each other by chance.
    private const int ShortestWord = 5;

    /// <summary>The candidate with the fewest letters to change, as a whole or in one of its words ('size' in 'size_gb'), or null if none is similar.</summary>
    /// <param name="name">The name.</param>
    /// <param name="candidates">The known names.</param>
    /// <param name="onlyTypos">Only a candidate that differs in about one letter of four.</param>
    public static string? Find(string name, IEnumerable<string> candidates, bool onlyTypos = false)
    {
        var most = onlyTypos ? Typos(name) : Math.Max(2, name.Length / 2);
        return candidates
            .Select(candidate => (Name: candidate, Whole: Distance(name, candidate), Word: WordDistance(name, candidate)))
            .Where(one => one.Word is not null || (one.Whole <= most && one.Whole < Math.Max(name.Length, one.Name.Length)))
            // A word of a longer name is a weaker match than a whole one.
            .OrderBy(one => Math.Min(one.Whole, one.Word + 1 ?? int.MaxValue)).ThenBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => one.Name)
            .FirstOrDefault();
    }

    /// <summary>Whether a name is another one, or differs from it in about one letter of four.</summary>
    public static bool IsTypo(string name, string candidate) =>
        name.Length >= ShortestWord && Math.Abs(name.Length - candidate.Length) <= Typos(name) && Distance(name, candidate) <= Typos(name);

    private static int Typos(string name) => name.Length < 3 ? 0 : Math.Max(1, name.Length / 4);

    // The nearest of the candidate's words; null if none is similar.
    private static int? WordDistance(string name, string candidate) => candidate.Split('_')
        .Where(word => IsTypo(name, word) || string.Equals(name, word, StringComparison.OrdinalIgnoreCase))
        .Min(word => (int?)Distance(name, word));

    // Letters to replace, insert, remove or swap with their neighbour.
    private static int Distance(string a, string b)
    {
        (a, b) = (a.ToUpperInvariant(), b.ToUpperInvariant());
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1, rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[a.Length, b.Length];
    }
}

using System.Text.RegularExpressions;

namespace VmDeploy.Export;

/// <summary>The names of the files of a package: every tool, archive and file system takes them, and no URL has to escape them.</summary>
internal static class PackageNames
{
    // With what is added it fits into the 100 bytes of a tar header.
    private const int Longest = 70;

    // Of the files beside the descriptor.
    private static readonly Regex s_part = new(@"^(\.ovf|\.mf|\.cert|-disk-[0-9]+\.vmdk|-firmware(-[0-9]+)?\.nvram)\z", RegexOptions.CultureInvariant);

    /// <summary>Whether an exported package with this stem can have a file of this name.</summary>
    public static bool IsPart(string stem, string file) => file.StartsWith(stem, StringComparison.Ordinal) && s_part.IsMatch(file.Substring(stem.Length));

    public static string StemOf(string vm)
    {
        var plain = new string(vm.Select(c => c is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '-' or '_' or '.' ? c : '_').ToArray()).Trim('.');
        plain = plain.Length <= Longest ? plain : plain.Substring(0, Longest);
        return plain.Trim('_').Length > 0 ? plain : "vm";
    }
}

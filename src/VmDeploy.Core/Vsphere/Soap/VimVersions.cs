namespace VmDeploy.Vsphere;

/// <summary>
/// Which version of urn:vim25 to speak. A host's own top entry can be an internal id, and a version newer than the host is
/// refused, so the highest version that both sides know is used.
/// </summary>
internal static class VimVersions
{
    public const string Oldest = "5.5";

    private static readonly string[] s_known =
    [
        "9.1.0.0", "9.0.0.0", "8.0.3.0", "8.0.2.0", "8.0.1.0", "8.0.0.1", "7.0.3.0", "7.0.2.0", "7.0.1.0", "7.0",
        "6.7.3", "6.7.2", "6.7.1", "6.7", "6.5", "6.0", Oldest,
    ];

    public static bool IsAtLeast(string version, string least) => Array.IndexOf(s_known, version) <= Array.IndexOf(s_known, least);

    public static string Choose(XElement? serviceVersions)
    {
        var offered = new HashSet<string>((serviceVersions?.Elements("namespace") ?? [])
            .Where(n => n.Element("name")?.Value == VimXml.Vim.NamespaceName)
            .SelectMany(n => n.Descendants("version"))
            .Select(version => version.Value.Trim()));
        return s_known.FirstOrDefault(offered.Contains) ?? Oldest;
    }
}

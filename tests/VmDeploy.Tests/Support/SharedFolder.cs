namespace VmDeploy.Tests.Support;

/// <summary>
/// The folder <c>shared</c> beside the checkout, with the official schema and datamodel. Without it the checks are skipped,
/// except on a build server (CI=true), which must have it. VMDEPLOY_SHARED names another place.
/// </summary>
internal static class SharedFolder
{
    private static readonly string s_root = Environment.GetEnvironmentVariable("VMDEPLOY_SHARED") is { Length: > 0 } given
        ? given
        : Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared"));

    /// <summary>A file or folder in it; skips the test if it is missing.</summary>
    public static string File(params string[] parts)
    {
        var path = Find(parts);
        Requires.That(path is not null,
            "the folder of official schemas", "put it beside the checkout as shared, or export VMDEPLOY_SHARED=FOLDER");
        return path!;
    }

    /// <summary>The same, or null if it is missing.</summary>
    public static string? Find(params string[] parts)
    {
        var path = Path.Combine([s_root, .. parts]);
        return Path.Exists(path) ? path : null;
    }
}

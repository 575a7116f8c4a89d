namespace VmDeploy;

/// <summary>Names files of a datastore (a storage repository on XenServer).</summary>
/// <param name="Path">
/// Path on the datastore, or <c>[datastore] path</c>. For a listing a folder, a file, or a pattern with wildcards in its last part;
/// empty for the top.
/// </param>
/// <param name="Datastore">The datastore's name; null if the path names it or there is only one.</param>
public sealed record DatastoreFileRequest(string Path, string? Datastore)
{
    /// <summary>Datacenter, on vCenter.</summary>
    public string? Datacenter { get; init; }

    /// <summary>List the folders below as well; remove a folder with its contents.</summary>
    public bool Recurse { get; init; }

    /// <summary>The local file or folder that a file is written to.</summary>
    public string Destination { get; init; } = "";

    /// <summary>Overwrite a local file.</summary>
    public bool Force { get; init; }

    /// <summary>The same request, with a path that is written <c>[datastore] dir/file</c> taken apart.</summary>
    internal DatastoreFileRequest WithoutBrackets()
    {
        // A piped file names its datastore twice, on XenServer by name and by uuid.
        var plain = new SendFileRequest("", null) { Path = Path }.WithoutBrackets();
        return this with { Datastore = Datastore ?? plain.Datastore, Path = (plain.Path ?? "").Replace('\\', '/').Trim().TrimStart('/') };
    }
}

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
    /// <exception cref="VmDeployException"><c>DatastorePathInvalid</c> if the path is on another datastore than the given one.</exception>
    internal DatastoreFileRequest WithoutBrackets() => Plain(Datastore);

    /// <summary>As above, with every name of the datastore: a piped file of XenServer has its name and its uuid.</summary>
    internal (DatastoreFileRequest Request, IReadOnlyList<string> Datastores) WithoutBracketsAndNames()
    {
        var plain = Plain(null);
        return (plain, [.. new[] { plain.Datastore, Datastore }.OfType<string>().Distinct()]);
    }

    private DatastoreFileRequest Plain(string? datastore)
    {
        var plain = new SendFileRequest("", datastore) { Path = Path }.WithoutBrackets();
        return this with { Datastore = plain.Datastore, Path = (plain.Path ?? "").Replace('\\', '/').Trim().TrimStart('/') };
    }
}

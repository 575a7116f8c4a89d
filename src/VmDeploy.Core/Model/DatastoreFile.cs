namespace VmDeploy;

/// <summary>A file that is to be put on a datastore (an ISO SR on XenServer).</summary>
/// <param name="LocalPath">The file here.</param>
/// <param name="Datastore">The datastore's name; null for the only one.</param>
public sealed record SendFileRequest(string LocalPath, string? Datastore)
{
    /// <summary>Datacenter, on vCenter.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Path on the datastore; null for the local file's name at the top. One that ends in a slash is a folder. Folders are made.</summary>
    public string? Path { get; init; }

    /// <summary>Overwrite another file of that name. Without it, a file of the same name and length is taken to be the same and not sent again; another length is refused.</summary>
    public bool Force { get; init; }
}

/// <summary>A file on a datastore.</summary>
/// <param name="Session">Where.</param>
/// <param name="Path"><c>[datastore] dir/file</c>; the VDI's name on XenServer.</param>
/// <param name="Length">Bytes.</param>
/// <param name="WasSent">False when it was there already.</param>
public sealed record DatastoreFile(VmSession Session, string Path, long Length, bool WasSent)
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}

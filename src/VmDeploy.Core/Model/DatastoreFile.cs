namespace VmDeploy;

/// <summary>A file to upload to a datastore (an ISO SR on XenServer).</summary>
/// <param name="LocalPath">The local file.</param>
/// <param name="Datastore">The datastore's name; null if there is only one.</param>
public sealed record SendFileRequest(string LocalPath, string? Datastore)
{
    /// <summary>Datacenter, on vCenter.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Path on the datastore; null for the local file's name at the top level. A path that ends in a slash is a folder. Missing folders are created.</summary>
    public string? Path { get; init; }

    /// <summary>Overwrite an existing file with this name. Otherwise a file with the same name and length is reused, and one with another length is refused.</summary>
    public bool Force { get; init; }

    /// <summary>The same request, with a path that is written <c>[datastore] dir/file</c> taken apart.</summary>
    internal SendFileRequest WithoutBrackets()
    {
        var end = Path?.IndexOf(']') ?? -1;
        if (end < 2 || Path![0] != '[')
        {
            return Path?.StartsWith("[", StringComparison.Ordinal) == true
                ? throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"'{Path}' is not a valid path on a datastore.", Path)
                : this;
        }
        var datastore = Path.Substring(1, end - 1);
        return Datastore is null || string.Equals(Datastore, datastore, StringComparison.OrdinalIgnoreCase)
            ? this with { Datastore = datastore, Path = Path.Substring(end + 1).Trim() is { Length: > 0 } path ? path : null }
            : throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"'{Path}' is on datastore '{datastore}', but datastore '{Datastore}' was given.", Path);
    }
}

/// <summary>A file on a datastore.</summary>
/// <param name="Session">The session that reaches it.</param>
/// <param name="Path"><c>[datastore] dir/file</c>; <c>[repository] name</c> on XenServer, with the name of the VDI.</param>
/// <param name="Length">Bytes.</param>
/// <param name="WasSent">False if the file that was to be sent already existed; null for a file of a listing.</param>
public sealed record DatastoreFile(VmSession Session, string Path, long Length, bool? WasSent)
{
    /// <summary>Folder, Disk, Config, Iso, Nvram, File; the type of the VDI on XenServer.</summary>
    public string Type { get; init; } = "File";

    /// <summary>When it was last changed, in UTC; null if the host does not report it.</summary>
    public DateTime? Modified { get; init; }

    /// <summary>The name of its datastore; the uuid of the storage repository on XenServer, where names are not unique.</summary>
    public string? Datastore { get; init; }

    /// <summary>The datacenter of the datastore, in the form that -Datacenter takes; null on XenServer.</summary>
    public string? Datacenter { get; init; }

    /// <summary>The last part of the path.</summary>
    public string Name => Path.Substring(Math.Max(Path.LastIndexOf('/'), Path.IndexOf("] ", StringComparison.Ordinal) + 1) + 1);

    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Session.Server;

    /// <inheritdoc/>
    public override string ToString() => Path;
}

namespace VmDeploy.Vsphere;

/// <summary>A path on a datastore, written <c>[datastore] dir/file</c>.</summary>
internal sealed record DatastorePath(string Datastore, string Path)
{
    /// <summary>The folder; the datastore itself for a file at its top.</summary>
    public DatastorePath Folder => this with { Path = Path.LastIndexOf('/') is > 0 and int slash ? Path.Substring(0, slash) : "" };

    public string Name => Path.Substring(Path.LastIndexOf('/') + 1);

    public DatastorePath Append(string name) => this with { Path = Path.Length == 0 ? name : $"{Path}/{name}" };

    public static bool TryParse(string? text, out DatastorePath path)
    {
        path = new DatastorePath("", "");
        var end = text?.IndexOf(']') ?? -1;
        if (end < 2 || text![0] != '[')
            return false;
        path = new DatastorePath(text.Substring(1, end - 1), text.Substring(end + 1).Trim().TrimStart('/'));
        return true;
    }

    /// <summary>Reads a path that a host gave. A datastore that is not accessible has no name in it: <c>[] /vmfs/volumes/...</c>.</summary>
    /// <exception cref="VmDeployException"><c>DatastoreNotFound</c> for a path without a datastore.</exception>
    public static DatastorePath Parse(string? text) => TryParse(text, out var path) ? path
        : throw new VmDeployException(ErrorCodes.DatastoreNotFound, $"'{text}' names no datastore; the datastore of this file is not accessible.", text);

    public override string ToString() => Path.Length == 0 ? $"[{Datastore}]" : $"[{Datastore}] {Path}";
}

using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>A file or folder on a datastore, written <c>[datastore1] dir/file.vmdk</c>.</summary>
/// <param name="Datastore">The datastore.</param>
/// <param name="Relative">Path below the datastore's root with forward slashes; empty for the root.</param>
internal sealed record DatastorePath(Datastore Datastore, string Relative)
{
    /// <summary>The same file on this machine.</summary>
    public string Local => Path.Combine(Datastore.Root, Relative);

    public string FileName => Relative[(Relative.LastIndexOf('/') + 1)..];

    /// <summary>The folder that contains it.</summary>
    public DatastorePath Folder => this with { Relative = Relative[..Math.Max(0, Relative.LastIndexOf('/'))] };

    public bool FileExists => File.Exists(Local);

    public bool FolderExists => Directory.Exists(Local);

    /// <param name="text">With the datastore's name in brackets.</param>
    /// <param name="datacenter">The datacenter of the datastore.</param>
    /// <exception cref="VimFault">InvalidDatastorePath.</exception>
    public static DatastorePath Parse(string text, Datacenter datacenter)
    {
        var close = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        if (close < 0)
            throw Invalid(text);
        var name = text[1..close];
        var datastore = datacenter.Datastores.FirstOrDefault(d => d.Name == name)
            ?? throw VimFault.Of("InvalidDatastore", $"Unable to find the datastore '{name}'.", ("name", name));
        return Of(datastore, text[(close + 1)..].Trim());
    }

    /// <param name="datastore">The datastore.</param>
    /// <param name="relative">Path below its root.</param>
    /// <exception cref="VimFault">InvalidDatastorePath for a path out of the datastore.</exception>
    public static DatastorePath Of(Datastore datastore, string relative)
    {
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (relative.StartsWith('/') || relative.Contains('\\', StringComparison.Ordinal) || parts.Contains("..") || parts.Contains("."))
            throw Invalid($"[{datastore.Name}] {relative}");
        if (datastore.IsVsan && parts.Length > 0 && parts[0].EndsWith(Datastore.FriendlySuffix, StringComparison.Ordinal))
            parts[0] = parts[0][..^Datastore.FriendlySuffix.Length];
        return new(datastore, string.Join('/', parts));
    }

    public DatastorePath Child(string name) => this with { Relative = Relative.Length == 0 ? name : $"{Relative}/{name}" };

    public override string ToString() => $"[{Datastore.Name}] {Relative}";

    private static VimFault Invalid(string text) =>
        VimFault.Of("InvalidDatastorePath", $"Invalid datastore path '{text}'.", ("datastorePath", text));
}

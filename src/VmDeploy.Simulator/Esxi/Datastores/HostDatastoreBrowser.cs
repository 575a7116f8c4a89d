using System.IO.Enumeration;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Lists the files of a datastore.</summary>
[VimUnset("supportedType", "FileQuery*")]
internal sealed class HostDatastoreBrowser(EsxiHost host, string id, Datastore datastore) : ManagedObject(host, id)
{
    // The file types that a query finds.
    private static readonly (string Query, string Info, Func<FileSystemInfo, bool> Matches)[] s_kinds =
    [
        ("FolderFileQuery", "FolderFileInfo", file => file is DirectoryInfo),
        ("VmDiskFileQuery", "VmDiskFileInfo", file => HasExtension(file, ".vmdk")),
        ("VmConfigFileQuery", "VmConfigFileInfo", file => HasExtension(file, ".vmx")),
        ("IsoImageFileQuery", "IsoImageFileInfo", file => HasExtension(file, ".iso")),
        ("VmNvramFileQuery", "VmNvramFileInfo", file => HasExtension(file, ".nvram")),
        ("FileQuery", "FileInfo", _ => true),
    ];

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Datastore => [datastore.Self];

    [VimMethod]
    public object SearchDatastore_Task(VimCall call)
    {
        var (folder, spec) = Read(call);
        return Start(call, "searchDatastore", () => Search(folder, spec));
    }

    [VimMethod]
    public object SearchDatastoreSubFolders_Task(VimCall call)
    {
        var (folder, spec) = Read(call);
        return Start(call, "searchDatastoreSubFolders", () =>
        {
            var found = Directory.EnumerateDirectories(folder.Local, "*", SearchOption.AllDirectories)
                .Select(d => DatastorePath.Of(datastore, Path.GetRelativePath(datastore.Root, d).Replace('\\', '/')))
                .OrderBy(d => d.Relative, StringComparer.Ordinal)
                .Prepend(folder)
                .Select(d => Search(d, spec));
            return new Any("HostDatastoreBrowserSearchResults", true, found.ToList<object>());
        });
    }

    private Mor Start(VimCall call, string operation, Func<object> search) => VimTask.Start(Esx, call, datastore, $"HostDatastoreBrowser.{operation}", _ =>
    {
        lock (Esx.Gate)
            return Task.FromResult<object?>(search());
    });

    private (DatastorePath Folder, DataObject Spec) Read(VimCall call)
    {
        var path = DatastorePath.Parse(call.Arguments.Text("datastorePath")!, datastore.Nearest<Datacenter>()!);
        if (path.Datastore != datastore)
            throw VimFault.InvalidArgument("datastorePath");
        return (path, call.Arguments.Object("searchSpec") ?? new("HostDatastoreBrowserSearchSpec"));
    }

    private DataObject Search(DatastorePath folder, DataObject spec)
    {
        if (!folder.FolderExists)
            throw VimFault.FileNotFound(folder.ToString());
        var queries = spec.Objects("query").Select(q => q.Type.Name).DefaultIfEmpty("FileQuery").ToHashSet();
        var patterns = spec.Items("matchPattern").Cast<string>().DefaultIfEmpty("*").ToList();
        var ignoreCase = spec.Bool("searchCaseInsensitive") == true;
        var files =
            from file in new DirectoryInfo(folder.Local).EnumerateFileSystemInfos().OrderBy(f => f.Name, StringComparer.Ordinal)
            where patterns.Exists(p => FileSystemName.MatchesSimpleExpression(p, file.Name, ignoreCase))
            let kind = s_kinds.FirstOrDefault(k => queries.Contains(k.Query) && k.Matches(file))
            where kind.Info is not null
            select Describe(folder, file, kind.Info, spec.Object("details"));
        return new("HostDatastoreBrowserSearchResults")
        {
            ["datastore"] = datastore.Self,
            ["folderPath"] = folder.Relative.Length == 0 ? $"[{datastore.Name}]" : $"{folder}/",
            ["file"] = files,
        };
    }

    // A host reports only what the details ask for.
    private DataObject Describe(DatastorePath folder, FileSystemInfo file, string type, DataObject? details)
    {
        var info = new DataObject(details?.Bool("fileType") == true || type != "FileInfo" ? TypeOf(file, type) : "FileInfo") { ["path"] = file.Name };
        if (details?.Bool("fileSize") == true)
            info["fileSize"] = (file as System.IO.FileInfo)?.Length ?? 0L;
        if (details?.Bool("modification") == true)
            info["modification"] = file.LastWriteTimeUtc;
        if (details?.Bool("fileOwner") == true)
            info["owner"] = Esx.Options.UserName;
        if (datastore.IsVsan && folder.Relative.Length == 0 && file is DirectoryInfo)
            info["friendlyName"] = file.Name + Inventory.Datastore.FriendlySuffix;
        if (info.Is("VmDiskFileInfo") && folder.Child(file.Name) is var path && datastore.Disks.TryGetValue(path.Relative, out var disk))
        {
            info["capacityKb"] = disk.CapacityKB;
            info["thin"] = disk.IsThin;
        }
        return info;
    }

    private static string TypeOf(FileSystemInfo file, string otherwise) =>
        s_kinds.FirstOrDefault(k => k.Matches(file)).Info ?? otherwise;

    private static bool HasExtension(FileSystemInfo file, string extension) =>
        file is System.IO.FileInfo && file.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}

using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Files and folders of datastores.</summary>
internal sealed class FileManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    [VimMethod(Writes = true)]
    public void MakeDirectory(VimCall call)
    {
        var path = Resolve(call, "name", "datacenter");
        if (path.FolderExists || path.FileExists)
            throw VimFault.FileAlreadyExists(path.ToString());
        if (!path.Folder.FolderExists && call.Arguments.Bool("createParentDirectories") != true)
            throw VimFault.FileNotFound(path.Folder.ToString());
        if (Esx.Options.VsanDatastores && !path.Relative.Contains('/', StringComparison.Ordinal))
            throw VimFault.Of("CannotCreateFile", $"Cannot create file {path}.", ("file", path.ToString()));
        Directory.CreateDirectory(path.Local);
        path.Datastore.Changed();
    }

    [VimMethod(Writes = true)]
    public object DeleteDatastoreFile_Task(VimCall call)
    {
        var path = Resolve(call, "name", "datacenter");
        return Start(call, "deleteFile", _ =>
        {
            lock (Esx.Gate)
                Delete(path);
            return Task.CompletedTask;
        });
    }

    [VimMethod(Writes = true)]
    public object CopyDatastoreFile_Task(VimCall call)
    {
        var (from, to) = ResolvePair(call);
        return Start(call, "copyFile", task => FileCopy.RunAsync(from, to, task));
    }

    [VimMethod(Writes = true)]
    public object MoveDatastoreFile_Task(VimCall call)
    {
        var (from, to) = ResolvePair(call);
        return Start(call, "moveFile", async task =>
        {
            await FileCopy.RunAsync(from, to, task);
            lock (Esx.Gate)
                Delete(from);
        });
    }

    /// <summary>The path that a parameter names. The datacenter is optional on a standalone host only.</summary>
    public static DatastorePath Resolve(EsxiHost host, VimCall call, string path, string datacenter)
    {
        var center = call.Arguments.Ref(datacenter) is { } reference ? host.Get<Datacenter>(reference)
            : host.IsVCenter ? throw VimFault.InvalidArgument(datacenter)
            : host.The<Datacenter>();
        return DatastorePath.Parse(call.Arguments.Text(path)!, center);
    }

    /// <summary>Refuses a file that a running VM, or an import, has open.</summary>
    /// <param name="path">The file.</param>
    /// <param name="toRead">It is only read, which the parents of a running VM's disks allow.</param>
    /// <param name="isShared">It is a disk that several VMs write to.</param>
    /// <exception cref="VimFault">FileLocked.</exception>
    public static void CheckUnlocked(DatastorePath path, bool toRead = false, bool isShared = false)
    {
        var holders = path.Datastore.Esx.All<VirtualMachine>().Where(vm => (vm.IsRunning || vm.Lease is not null) && !(isShared && vm.SharesDisk(path)));
        if (holders.Any(vm => (toRead ? vm.WrittenFiles : vm.OpenFiles).Contains(path)))
            throw VimFault.Of("FileLocked", $"Unable to access file {path} since it is locked", ("file", path.ToString()));
    }

    private DatastorePath Resolve(VimCall call, string path, string datacenter) => Resolve(Esx, call, path, datacenter);

    private (DatastorePath From, DatastorePath To) ResolvePair(VimCall call)
    {
        var from = Resolve(call, "sourceName", "sourceDatacenter");
        var to = Resolve(call, "destinationName", call.Arguments.Has("destinationDatacenter") ? "destinationDatacenter" : "sourceDatacenter");
        if (call.Arguments.Bool("force") == true && to.FileExists)
            File.Delete(to.Local);
        return (from, to);
    }

    private Mor Start(VimCall call, string operation, Func<VimTask, Task> work) => VimTask.Start(Esx, call, null, $"FileManager.{operation}", async task =>
    {
        await work(task);
        return null;
    });

    private static void Delete(DatastorePath path)
    {
        if (path.FileExists)
        {
            CheckUnlocked(path);
            File.Delete(path.Local);
            path.Datastore.Disks.Remove(path.Relative);
        }
        else if (path.FolderExists && path.Relative.Length > 0)
        {
            var files = Directory.EnumerateFiles(path.Local, "*", SearchOption.AllDirectories)
                .Select(f => DatastorePath.Of(path.Datastore, Path.GetRelativePath(path.Datastore.Root, f).Replace('\\', '/'))).ToList();
            files.ForEach(file => CheckUnlocked(file));
            Directory.Delete(path.Local, recursive: true);
            files.ForEach(file => path.Datastore.Disks.Remove(file.Relative));
        }
        else
        {
            throw VimFault.FileNotFound(path.ToString());
        }
        path.Datastore.Changed();
    }
}

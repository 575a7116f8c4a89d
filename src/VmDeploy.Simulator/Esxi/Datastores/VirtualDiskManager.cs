using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Virtual disks as files, whether or not a VM uses them.</summary>
internal sealed class VirtualDiskManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    [VimMethod(Writes = true)]
    public object CopyVirtualDisk_Task(VimCall call)
    {
        var from = FileManager.Resolve(Esx, call, "sourceName", "sourceDatacenter");
        var to = FileManager.Resolve(Esx, call, "destName", call.Arguments.Has("destDatacenter") ? "destDatacenter" : "sourceDatacenter");
        var spec = call.Arguments.Object("destSpec");
        if (spec is not null)
            CheckSpec(spec);
        return Start(call, "copyVirtualDisk", async task =>
        {
            var attributes = Attributes(from);
            lock (Esx.Gate)
                FileManager.CheckUnlocked(from, toRead: true);
            // A standalone host reports a problem of the destination as one of the source.
            if (to.FileExists && !Esx.IsVCenter)
                throw VimFault.FileNotFound(from.ToString());
            await FileCopy.RunAsync(ContentOf(from), to, task);

            // A copy of a thin disk is thick unless the request says otherwise, which vCenter ignores.
            var isThin = !Esx.IsVCenter && spec?.Text("diskType") == "thin";
            lock (Esx.Gate)
                to.Datastore.Disks[to.Relative] = attributes with { IsThin = isThin };
        });
    }

    [VimMethod(Writes = true)]
    public object MoveVirtualDisk_Task(VimCall call)
    {
        var from = FileManager.Resolve(Esx, call, "sourceName", "sourceDatacenter");
        var to = FileManager.Resolve(Esx, call, "destName", call.Arguments.Has("destDatacenter") ? "destDatacenter" : "sourceDatacenter");
        return Start(call, "moveVirtualDisk", async task =>
        {
            var attributes = Attributes(from);
            lock (Esx.Gate)
                FileManager.CheckUnlocked(from);
            await FileCopy.RunAsync(from, to, task);
            lock (Esx.Gate)
            {
                to.Datastore.Disks[to.Relative] = attributes;
                Delete(from);
            }
        });
    }

    [VimMethod(Writes = true)]
    public object CreateVirtualDisk_Task(VimCall call)
    {
        var path = FileManager.Resolve(Esx, call, "name", "datacenter");
        var spec = call.Arguments.Object("spec")!;
        CheckSpec(spec);
        if (!spec.Is("FileBackedVirtualDiskSpec") || spec.Long("capacityKb") <= 0)
            throw VimFault.InvalidArgument("spec.capacityKb");
        return Start(call, "createVirtualDisk", _ =>
        {
            lock (Esx.Gate)
            {
                if (path.FileExists)
                    throw VimFault.FileAlreadyExists(path.ToString());
                if (!path.Folder.FolderExists)
                    throw VimFault.FileNotFound(path.Folder.ToString());
                var attributes = new DiskAttributes(spec.Long("capacityKb")!.Value, spec.Text("diskType") == "thin", spec.Text("adapterType")!);
                SparseVmdk.Create(path.Local, attributes.CapacityKB, parent: null);
                path.Datastore.Disks[path.Relative] = attributes;
                path.Datastore.Changed();
            }
            return Task.CompletedTask;
        });
    }

    [VimMethod(Writes = true)]
    public object ExtendVirtualDisk_Task(VimCall call)
    {
        var path = FileManager.Resolve(Esx, call, "name", "datacenter");
        var capacity = call.Arguments.Long("newCapacityKb")!.Value;
        return Start(call, "extendVirtualDisk", _ =>
        {
            lock (Esx.Gate)
            {
                var attributes = Attributes(path);
                FileManager.CheckUnlocked(path);
                if (capacity < attributes.CapacityKB)
                    throw VimFault.InvalidArgument("newCapacityKb");
                SparseVmdk.Extend(path.Local, capacity);
                path.Datastore.Disks[path.Relative] = attributes with { CapacityKB = capacity };
            }
            return Task.CompletedTask;
        });
    }

    [VimMethod(Writes = true)]
    public object DeleteVirtualDisk_Task(VimCall call)
    {
        var path = FileManager.Resolve(Esx, call, "name", "datacenter");
        return Start(call, "deleteVirtualDisk", _ =>
        {
            lock (Esx.Gate)
            {
                if (!path.FileExists)
                    throw VimFault.FileNotFound(path.ToString());
                FileManager.CheckUnlocked(path);
                Delete(path);
            }
            return Task.CompletedTask;
        });
    }

    private Mor Start(VimCall call, string operation, Func<VimTask, Task> work) => VimTask.Start(Esx, call, null, $"VirtualDiskManager.{operation}", async task =>
    {
        await work(task);
        return null;
    });

    /// <summary>A child without any data reads as its parent, so the parent's bytes are its content.</summary>
    public static DatastorePath ContentOf(DatastorePath path)
    {
        while (SparseVmdk.ParentOf(path.Local) is { } parent)
        {
            if (!SparseVmdk.IsPristine(path.Local))
                throw VimFault.Of("NotSupported", $"The disk {path} has been written to; the simulator can't merge it with its parent.");
            path = DatastorePath.Of(path.Datastore, Path.GetRelativePath(path.Datastore.Root, parent).Replace('\\', '/'));
        }
        return path;
    }

    private static DiskAttributes Attributes(DatastorePath path)
    {
        if (!path.FileExists)
            throw VimFault.FileNotFound(path.ToString());
        return path.Datastore.Disks.TryGetValue(path.Relative, out var known) ? known
            : SparseVmdk.ReadCapacityKB(path.Local) is { } capacity ? new(capacity, false, "lsiLogic")
            : throw VimFault.Of("InvalidDiskFormat", $"{path} is not a virtual disk.");
    }

    private static void CheckSpec(DataObject spec)
    {
        if (spec.Text("diskType") is not ("thin" or "preallocated" or "thick" or "eagerZeroedThick" or "seSparse"))
            throw VimFault.InvalidArgument("spec.diskType");
        if (spec.Text("adapterType") is not ("ide" or "busLogic" or "lsiLogic"))
            throw VimFault.InvalidArgument("spec.adapterType");
    }

    private static void Delete(DatastorePath path)
    {
        File.Delete(path.Local);
        path.Datastore.Disks.Remove(path.Relative);
        path.Datastore.Changed();
    }
}

using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Deletion, and conversion to and from a template.</summary>
internal sealed partial class VirtualMachine
{
    public Folder Folder => (Folder)Above!;

    [VimMethod(Writes = true)]
    public object Destroy_Task(VimCall call) => Begin(call, "destroy", () =>
    {
        CheckPower("poweredOff", "poweredOff");
        RemoveWithFiles();
    });

    [VimMethod(Writes = true)]
    public void UnregisterVM(VimCall call)
    {
        CheckFree();
        CheckPower("poweredOff", "poweredOff");
        RemoveFromInventory();
    }

    [VimMethod(Writes = true, VCenterOnly = true)]
    public void MarkAsTemplate(VimCall call)
    {
        CheckFree();
        CheckPower("poweredOff", "poweredOff");
        if (IsTemplate)
            throw VimFault.Of("NotSupported", "The virtual machine is a template already.");
        BecomeTemplate();
    }

    [VimMethod(Writes = true, VCenterOnly = true)]
    public void MarkAsVirtualMachine(VimCall call)
    {
        CheckFree();
        if (!IsTemplate)
            throw VimFault.Of("NotSupported", "The virtual machine is not a template.");
        var pool = Esx.Get<ResourcePool>(call.Arguments.Ref("pool")!);
        var runsOn = call.Arguments.Ref("host") is { } host ? Esx.Get<HostSystem>(host) : RunsOn;
        if (runsOn is null || !pool.Compute.Hosts.Contains(runsOn))
            throw VimFault.InvalidArgument("host");
        Pool = pool;
        RunsOn = runsOn;
        SetTemplate(false);
    }

    [VimMethod(Writes = true, VCenterOnly = true)]
    public object CloneVM_Task(VimCall call)
    {
        CheckFree();
        return VmClone.Start(this, call);
    }

    public void BecomeTemplate()
    {
        SetTemplate(true);
        Pool = null;
        Changed();
    }

    /// <summary>
    /// Removes it from the inventory and deletes its files. A vCenter keeps files that other VMs use. What a standalone host does to the
    /// parents of a linked clone's disks is not known, so the worst is assumed: they are deleted even if other VMs use them.
    /// </summary>
    public void RemoveWithFiles()
    {
        RemoveFromInventory();
        HashSet<DatastorePath> kept = Esx.IsVCenter ? [.. Esx.All<VirtualMachine>().SelectMany(vm => vm.Files)] : [];
        var disks = _snapshots.Select(s => s.Config).Append(ConfigData).SelectMany(DisksOf).Select(d => d.Object("backing")!);
        foreach (var file in _snapshots.SelectMany(s => s.Content.Files))
            Delete(file);
        foreach (var path in disks.SelectMany(disk => Esx.IsVCenter ? OwnChain(disk) : Chain(disk)).Append(VmxPath).Where(p => !kept.Contains(p)).ToList())
            Delete(path);
        foreach (var file in Directory.Exists(Home.Local) ? Directory.GetFiles(Home.Local, "*.nvram") : [])
            File.Delete(file);
        RemoveIfEmpty(Home);
        Home.Datastore.Changed();
    }

    private static void RemoveIfEmpty(DatastorePath folder)
    {
        if (folder.Relative.Length > 0 && folder.FolderExists && !Directory.EnumerateFileSystemEntries(folder.Local).Any())
            Directory.Delete(folder.Local);
    }

    // Files of the disk's chain in the VM's own folder.
    private IEnumerable<DatastorePath> OwnChain(Data.DataObject backing) =>
        Chain(backing).TakeWhile((path, i) => i == 0 || path.Folder == Home);

    private void RemoveFromInventory()
    {
        StopGuest();
        _snapshots.ForEach(Esx.Remove);
        Folder.Drop(this);
        VApp?.Forget(this);
        Esx.Remove(this);
    }

    private void SetTemplate(bool isTemplate)
    {
        var config = ConfigData.Clone();
        config["template"] = isTemplate;
        ConfigData = config;
    }
}

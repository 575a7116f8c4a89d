using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Snapshots;

/// <summary>A state of a VM that can be gone back to.</summary>
internal sealed class VirtualMachineSnapshot(EsxiHost host, string id, VirtualMachine vm, VirtualMachineSnapshot? parent, DataObject config, SnapshotText text)
    : ExtensibleManagedObject(host, id)
{
    private readonly DateTime _created = DateTime.UtcNow;

    /// <summary>The snapshot that it was made on.</summary>
    public VirtualMachineSnapshot? Parent { get; set; } = parent;

    /// <summary>The VM's configuration then; its disks are not written to any more.</summary>
    [VimProperty("VirtualMachineConfigInfo")]
    public DataObject Config { get; set; } = config;

    [VimProperty("ManagedObjectReference")]
    public Mor Vm => vm.Self;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> ChildSnapshot => Children.Select(c => c.Self);

    public VirtualMachine Machine => vm;

    public IEnumerable<VirtualMachineSnapshot> Children => vm.Snapshots.Where(s => s.Parent == this);

    [VimMethod(Writes = true)]
    public object RemoveSnapshot_Task(VimCall call) => vm.RemoveSnapshots(call, this, call.Arguments.Bool("removeChildren") == true);

    [VimMethod(Writes = true)]
    public object RevertToSnapshot_Task(VimCall call) => vm.RevertTo(call, this);

    /// <summary>A VirtualMachineSnapshotTree.</summary>
    public DataObject ToTree() => new("VirtualMachineSnapshotTree")
    {
        ["snapshot"] = Self,
        ["vm"] = vm.Self,
        ["name"] = text.Name,
        ["description"] = text.Description,
        ["id"] = 1,
        ["createTime"] = _created,
        ["state"] = "poweredOff",
        ["quiesced"] = false,
        ["childSnapshotList"] = Children.Select(c => c.ToTree()),
    };
}

/// <summary>What the user calls a snapshot.</summary>
internal sealed record SnapshotText(string Name, string Description);

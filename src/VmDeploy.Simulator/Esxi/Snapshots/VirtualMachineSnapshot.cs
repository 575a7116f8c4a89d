using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Snapshots;

/// <summary>A state of a VM that can be restored.</summary>
internal sealed class VirtualMachineSnapshot(EsxiHost host, string id, VirtualMachine vm, VirtualMachineSnapshot? parent, DataObject config, SnapshotContent content)
    : ExtensibleManagedObject(host, id)
{
    private readonly DateTime _created = DateTime.UtcNow;

    /// <summary>The snapshot that it was taken on.</summary>
    public VirtualMachineSnapshot? Parent { get; set; } = parent;

    /// <summary>The VM's configuration at that time; its disks are not written to any more.</summary>
    [VimProperty("VirtualMachineConfigInfo")]
    public DataObject Config { get; set; } = config;

    [VimProperty("ManagedObjectReference")]
    public Mor Vm => vm.Self;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> ChildSnapshot => Children.Select(c => c.Self);

    public VirtualMachine Machine => vm;

    public SnapshotContent Content => content;

    public IEnumerable<VirtualMachineSnapshot> Children => vm.Snapshots.Where(s => s.Parent == this);

    [VimMethod(Writes = true)]
    public object RemoveSnapshot_Task(VimCall call) => vm.RemoveSnapshots(call, this, call.Arguments.Bool("removeChildren") == true);

    [VimMethod(Writes = true)]
    public object RevertToSnapshot_Task(VimCall call) => vm.RevertTo(call, this, call.Arguments.Bool("suppressPowerOn") == true);

    [VimMethod(Writes = true)]
    public object ExportSnapshot(VimCall call) => HttpNfcLease.OpenExport(vm, this, call).Self;

    /// <summary>A VirtualMachineSnapshotTree.</summary>
    public DataObject ToTree() => new("VirtualMachineSnapshotTree")
    {
        ["snapshot"] = Self,
        ["vm"] = vm.Self,
        ["name"] = content.Name,
        ["description"] = content.Description,
        ["id"] = content.Number,
        ["createTime"] = _created,
        ["state"] = content.PowerState,
        ["quiesced"] = content.IsQuiesced,
        ["childSnapshotList"] = Children.Select(c => c.ToTree()),
    };
}

/// <summary>The parts of a snapshot besides the configuration.</summary>
/// <param name="Number">It is the n-th of its VM.</param>
/// <param name="Name">The user's name for it.</param>
/// <param name="Description">The user's description of it.</param>
/// <param name="IsQuiesced">The guest had written its data.</param>
/// <param name="State">The file with the VM's state.</param>
/// <param name="Memory">The file with the guest's memory, or null.</param>
/// <param name="PowerState">What the VM is when it has gone back.</param>
internal sealed record SnapshotContent(int Number, string Name, string Description, bool IsQuiesced, DatastorePath State, DatastorePath? Memory, string PowerState)
{
    public IEnumerable<DatastorePath> Files => Memory is null ? [State] : [State, Memory];
}

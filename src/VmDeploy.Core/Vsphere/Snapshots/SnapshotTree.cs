namespace VmDeploy.Vsphere;

/// <summary>Reads the tree of a VM's snapshots (<c>VirtualMachineSnapshotInfo</c>).</summary>
internal static class SnapshotTree
{
    private const string Info = "snapshot";
    private const string Layout = "layoutEx";

    public static async Task<IReadOnlyList<VmSnapshot>> ReadAsync(VsphereSession session, Vm vm, CancellationToken cancellationToken)
    {
        var content = await session.ReadVmPropertiesAsync(vm, cancellationToken, Info, Layout);
        var found = new List<VmSnapshot>();
        if (content[Info] is { } info)
            Add(found, vm, info.Children("rootSnapshotList"), null, info.Value("currentSnapshot"), new SnapshotLayout(content[Layout]));
        return found;
    }

    private static void Add(List<VmSnapshot> found, Vm vm, IEnumerable<XElement> siblings, VmSnapshot? parent, string? current, SnapshotLayout layout)
    {
        foreach (var node in siblings.OrderBy(node => node.Required("createTime").ToUtc()))
        {
            var id = node.Required("snapshot").Value;
            var children = node.Children("childSnapshotList").ToList();
            var isCurrent = id == current;
            var snapshot = new VmSnapshot(vm, id, Inventory.Unescape(node.Value("name") ?? ""))
            {
                Description = node.Value("description") is { Length: > 0 } text ? text : null,
                Created = node.Required("createTime").ToUtc().ToLocalTime(),
                Parent = parent?.Name,
                ParentId = parent?.Id,
                IsCurrent = isCurrent,
                PowerState = VmProperties.PowerStateOf(node.Value("state")) switch
                {
                    PowerState.Suspended => nameof(PowerState.Suspended),
                    // Some hosts report the power state of the VM, not what a restore leads to.
                    PowerState.On when layout.HasMemory(id) != false => nameof(PowerState.On),
                    _ => nameof(PowerState.Off),
                },
                IsQuiesced = node.Value("quiesced") == "true",
                SizeBytes = layout.SizeOf(id, children.Select(child => child.Required("snapshot").Value), isCurrent),
                Depth = parent is null ? 0 : parent.Depth + 1,
            };
            found.Add(snapshot);
            Add(found, vm, children, snapshot, current, layout);
        }
    }
}

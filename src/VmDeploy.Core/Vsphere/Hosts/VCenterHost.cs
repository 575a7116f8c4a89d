namespace VmDeploy.Vsphere;

/// <summary>A vCenter: clones by CloneVM_Task, keeps templates and OVF properties, and knows which VMs share files.</summary>
internal sealed class VCenterHost(VsphereSession session) : IVsphereHost
{
    private const string SnapshotName = "VmDeploy linked clones";

    // In each folder only.
    public bool HasUniqueVmNames => false;

    public void CheckClone(ResolvedClone clone)
    {
        if (clone.Request.Linked && clone.Placement.LeavesDatacenter)
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid,
                $"A linked clone of {clone.Source.Vm.Name} in datacenter '{Inventory.NameOf(clone.Placement.Datacenter)}' requested; it must be in the datacenter of its source.", clone.Source.Vm.Name,
                hint: ErrorHint.LinkedCloneStaysWithSource);
        }
    }

    public bool CanCopyTo(Placement placement) => true;

    public async Task<ResolvedClone> PrepareLinkedAsync(ResolvedClone clone, RollbackScope scope, CancellationToken cancellationToken) => clone with
    {
        Snapshot = await FindSnapshotAsync(clone.Source, cancellationToken) ?? await MakeSnapshotAsync(clone.Source, scope, cancellationToken),
    };

    public Task<Vm> CloneAsync(ResolvedClone clone, VmCreation creation) =>
        new CloneTask(session, clone.Source, clone.Placement) { Snapshot = clone.Snapshot, Moves = clone.Hardware.CreateMoves() }.RunAsync(
            creation, instanceUuid => Config(clone, creation.Name, instanceUuid), async (vm, instanceUuid) =>
            {
                await clone.Hardware.ApplyAsync(vm, creation);
                await clone.CloudInit.FinishDriveAsync(vm, instanceUuid, creation);
            });

    public async Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken)
    {
        var templates = await session.Properties.SelectAllAsync([new PropertySet("VirtualMachine", "summary.config.template")],
            page => page.Where(vm => vm.Text("summary.config.template") == "true").Select(vm => vm.Object), cancellationToken);
        var found = await session.Properties.ReadAsync(templates, cancellationToken,
            "name", "config.uuid", "config.hardware.numCPU", "config.hardware.memoryMB", "config.annotation");
        return found.Select(t => new VmTemplate(session, t.Object.Value, Inventory.NameOf(t))
        {
            Uuid = t.Text("config.uuid"),
            CpuCount = (int)VmProperties.Number(t.Text("config.hardware.numCPU")),
            MemoryMB = VmProperties.Number(t.Text("config.hardware.memoryMB")),
            Description = t.Text("config.annotation") is { Length: > 0 } text ? text : null,
        }).ToList();
    }

    public void RequireTemplates(string name, ErrorHint hint) { }

    public XElement? OvfProperties(IReadOnlyDictionary<string, string> properties) => null;

    public Task<VmRemoval> PlanRemovalAsync(MoRef vm, string name, CancellationToken cancellationToken) =>
        VmRemoval.PlanWholeAsync(session, vm, name, cancellationToken);

    private static XElement Config(ResolvedClone clone, string name, string instanceUuid) => ConfigSpec.Create("config",
        VimXml.El("instanceUuid", instanceUuid),
        VimXml.Optional("annotation", clone.Request.Annotation),
        clone.Hardware.CreateSettings(clone.Source.Config),
        clone.CloudInit.CreateOptions(name, instanceUuid), clone.CloudInit.CreateRemovals(), VsphereOwnership.Begin(clone.Request, instanceUuid, clone.Source));

    private async Task<MoRef?> FindSnapshotAsync(CloneSource source, CancellationToken cancellationToken)
    {
        var vm = await session.Properties.ReadAsync(source.Content.Object, cancellationToken, "snapshot");
        return vm["snapshot"]?.Descendants().FirstOrDefault(e => e.Value("name") == SnapshotName)?.Child("snapshot")?.ToMoRef();
    }

    private async Task<MoRef> MakeSnapshotAsync(CloneSource source, RollbackScope scope, CancellationToken cancellationToken)
    {
        scope.Add($"snapshot '{SnapshotName}' of VM '{source.Vm.Name}'", async token =>
        {
            await session.Tasks.SettleAsync(source.Content.Object, token);
            if (await FindSnapshotAsync(source, token) is { } left)
                await session.Tasks.RunAsync(left, "RemoveSnapshot_Task", source.Vm.Name, token, VimXml.El("removeChildren", false));
        });
        var made = await session.Tasks.RunAsync(source.Content.Object, "CreateSnapshot_Task", source.Vm.Name, cancellationToken,
            VimXml.El("name", SnapshotName),
            VimXml.El("description", "Linked clones depend on this snapshot. Don't remove it before them."),
            VimXml.El("memory", false),
            VimXml.El("quiesce", false));
        return made!.ToMoRef();
    }
}

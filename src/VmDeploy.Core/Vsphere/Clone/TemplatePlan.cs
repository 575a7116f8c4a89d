namespace VmDeploy.Vsphere;

/// <summary>VMs from a template of a vCenter: <c>CloneVM_Task</c>, then the requested changes on the clone's own devices.</summary>
internal sealed class TemplatePlan(
    VsphereSession session, TemplateRequest request, IReadOnlyDictionary<string, Vm> existing, CloneSource source, Placement placement,
    RequestedHardware hardware) : DeploymentPlan(session, request, existing)
{
    private readonly VsphereSession _session = session;
    private readonly TemplateRequest _request = request;
    private readonly CloudInitDelivery _cloudInit = new CloudInitDelivery(session, request, source);

    public override string Action => $"Deploy template {source.Vm.Name}";

    private protected override VmSummary Summary => placement.Summarize() with
    {
        CpuCount = source.CpuCount,
        MemoryMB = source.MemoryMB,
        DiskBytes = source.DiskBytes,
        Networks = hardware.NetworkNames,
        Others = _cloudInit.Summary,
    };

    public static async Task<TemplatePlan> CreateAsync(VsphereSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        session.Host.RequireTemplates(request.Template, ErrorHint.NoTemplatesOnHost);
        RequestChecks.Run(session.Limits, request);
        var template = await TemplateLookup.FindAsync(session, request.Template, cancellationToken);
        var source = await CloneSource.ReadAsync(session, new Vm(session, template.Id, new VmState { Name = template.Name }), cancellationToken);
        if (request.Vlan is not null)
        {
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "On vSphere a VLAN is a property of the network.", request.Vlan,
                hint: ErrorHint.UsePortGroupWithVlan);
        }
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var placement = await StorageDrs.PlaceCopyAsync(session, Placement.OfCopy(inventory, source, request), request, source, cancellationToken);
        var hardware = await RequestedHardware.CreateAsync(session, request, source.ToHardware(inventory), placement, source.Devices, cancellationToken);
        source.WarnOfOvfProperties(session, request);
        return new TemplatePlan(session, request,
            await session.FindExistingAsync(request.Names, placement.Folder, cancellationToken), source, placement, hardware);
    }

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        new CloneTask(_session, source, placement) { Moves = hardware.CreateMoves() }.RunAsync(creation,
            instanceUuid => ConfigSpec.Create("config", VimXml.El("instanceUuid", instanceUuid),
                _cloudInit.CreateOptions(creation.Name, instanceUuid), _cloudInit.CreateRemovals(), VsphereOwnership.Begin(_request, instanceUuid, source)),
            async (vm, instanceUuid) =>
            {
                await ChangeAsync(vm, creation.CancellationToken);
                await _cloudInit.FinishDriveAsync(vm, instanceUuid, creation);
            });

    private async Task ChangeAsync(Vm vm, CancellationToken cancellationToken)
    {
        var made = await VmHardware.ReadAsync(_session, vm, cancellationToken);
        var changes = ConfigSpec.Create("spec",
            VimXml.Optional("annotation", _request.Annotation),
            hardware.CreateSettings(source.Config),
            hardware.CreateChanges(made, vm.Name));
        if (changes.HasElements)
            await _session.Tasks.RunAsync(made.Reference, "ReconfigVM_Task", vm.Name, cancellationToken, changes);
        await vm.RefreshAsync(cancellationToken);
    }
}

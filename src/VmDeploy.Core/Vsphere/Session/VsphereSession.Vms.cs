using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task GetVmsAsync(VmQuery query, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken)
    {
        Names.RenewFolders();
        if (query.Ids.Count > 0)
            await page(await ReadVmsAsync(query.Ids.Select(MoRef.Vm).ToList(), cancellationToken));
        else if (query.NameFilter is { } filter)
            await FindVmsAsync(filter, page, cancellationToken);
        else
        {
            await Properties.ReadAllAsync([VmProperties.All],
                async contents => await page(await ToVmsAsync(contents.Where(VmProperties.IsNoTemplate).ToList(), cancellationToken)), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override async Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            var content = await Properties.ReadAsync(MoRef.Vm(id), cancellationToken, VmProperties.All.Paths);
            await Names.LoadAsync(VmProperties.References(content), cancellationToken);
            return VmProperties.ToState(content, Names);
        }
        catch (VimFault fault) when (fault.Type == "ManagedObjectNotFound")
        {
            throw new VmDeployException(ErrorCodes.VmNotFound, $"{Server} has no VM with the id {id} (any more).", id, fault);
        }
    }

    /// <summary>Reads properties of a VM; <c>VmNotFound</c> if it no longer exists.</summary>
    internal async Task<ObjectContent> ReadVmPropertiesAsync(Vm vm, CancellationToken cancellationToken, params string[] paths)
    {
        try
        {
            return await Properties.ReadAsync(MoRef.Of(vm), cancellationToken, paths);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            throw new VmDeployException(ErrorCodes.VmNotFound, $"VM '{vm.Name}' no longer exists.", vm.Name, e);
        }
    }

    /// <summary>A VM that was created. It exists even if it can't be read now; then only its name is known.</summary>
    internal async Task<Vm> ReadCreatedVmAsync(MoRef vm, string name)
    {
        try
        {
            var state = await Retries.Call.RunAsync(_ => ReadVmAsync(vm.Value, CancellationToken.None), e => !IsGone(e), CancellationToken.None);
            return new Vm(this, vm.Value, state);
        }
        catch (VmDeployException e) when (!IsGone(e))
        {
            Log.CreatedVmUnreadable(name, e.Message);
            return new Vm(this, vm.Value, new VmState { Name = name });
        }

        static bool IsGone(Exception e) => e is VmDeployException known && known.Code == ErrorCodes.VmNotFound;
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<Vm>> PlanRemovalAsync(Vm vm, bool force, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        var state = vm.State.PowerState;
        var removal = await Host.PlanRemovalAsync(MoRef.Of(vm), vm.Name, cancellationToken);
        return CreateRemoval(vm, state, force, async token =>
        {
            if (state != PowerState.Off)
                await Tasks.RunAsync(MoRef.Of(vm), "PowerOffVM_Task", vm.Name, token);
            await removal.RunAsync(token);
        });
    }

    internal override Task RenameVmAsync(Vm vm, string name, CancellationToken cancellationToken) =>
        Tasks.RunAsync(MoRef.Of(vm), "Rename_Task", vm.Name, cancellationToken, VimXml.El("newName", name));

    /// <summary>Those of the names that VMs in a folder have; names are unique per folder and not case-sensitive.</summary>
    internal async Task<IReadOnlyDictionary<string, Vm>> FindExistingAsync(
        IReadOnlyList<string> names, MoRef folder, CancellationToken cancellationToken)
    {
        var found = await Properties.SelectAllAsync([new PropertySet("VirtualMachine", "name", "parent", VmProperties.Template)], page => page.Where(
            vm => names.Contains(Inventory.NameOf(vm), StringComparer.OrdinalIgnoreCase) && vm.Reference("parent") == folder), cancellationToken);
        if (found.Find(vm => !VmProperties.IsNoTemplate(vm)) is { } template)
        {
            var name = Inventory.NameOf(template);
            throw new VmDeployException(ErrorCodes.VmNameExists, $"A template with the name '{name}' already exists in the same folder on {Server}.", name,
                hint: ErrorHint.TemplateHasName);
        }
        var vms = await ReadVmsAsync(found.Select(vm => vm.Object).ToList(), cancellationToken);
        return vms.GroupBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);
    }

    /// <inheritdoc/>
    private protected override async Task<DeploymentPlan> PlanImportAsync(
        OvaImportRequest request, ImportSource package, CancellationToken cancellationToken) =>
        await OvaImportPlan.CreateAsync(this, request, package, cancellationToken);

    /// <inheritdoc/>
    public override async Task<IDeploymentPlan> PlanVAppAsync(VAppRequest request, OvaPackage package, CancellationToken cancellationToken) =>
        request.AsVApp && Hypervisor == HypervisorKind.VCenter
            ? await VAppImportPlan.CreateAsync(this, request, package, cancellationToken)
            : await base.PlanVAppAsync(request, package, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanCloneAsync(CloneRequest request, CancellationToken cancellationToken) =>
        await ClonePlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken) =>
        await IsoVmPlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken) =>
        await TemplatePlan.CreateAsync(this, request, cancellationToken);

    // Names are small and devices are not: the rest is read only for names that match, a page of names at a time.
    private Task FindVmsAsync(Func<string, bool> filter, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken) =>
        Properties.ReadAllAsync([new PropertySet("VirtualMachine", "name", VmProperties.Template)], async names =>
        {
            var found = names.Where(vm => VmProperties.IsNoTemplate(vm) && filter(Inventory.NameOf(vm))).Select(vm => vm.Object).ToList();
            if (found.Count > 0)
                await page(await ReadVmsAsync(found, cancellationToken));
        }, cancellationToken);

    private async Task<IReadOnlyList<Vm>> ReadVmsAsync(IReadOnlyCollection<MoRef> vms, CancellationToken cancellationToken) =>
        await ToVmsAsync(await Properties.ReadAsync(vms, VmProperties.All, cancellationToken), cancellationToken);

    internal async Task<IReadOnlyList<Vm>> ToVmsAsync(IReadOnlyList<ObjectContent> contents, CancellationToken cancellationToken)
    {
        await Names.LoadAsync(contents.SelectMany(VmProperties.References), cancellationToken);
        return contents.Select(c => new Vm(this, c.Object.Value, VmProperties.ToState(c, Names))).ToList();
    }
}

using System.Collections.Concurrent;
using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Xapi;

public sealed partial class XapiSession
{
    // By uuid, which identifies VMs for users; calls need references.
    private readonly ConcurrentDictionary<string, string> _references = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override async Task GetVmsAsync(VmQuery query, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken)
    {
        if (query.Ids.Count > 0)
        {
            await GetVmsByIdAsync(query.Ids, page, cancellationToken);
            return;
        }
        await page(await ReadAllAsync(vm => IsVm(vm) && query.NameFilter?.Invoke(vm.Name) != false, cancellationToken));
    }

    // If one does not exist, only its own result is missing.
    private async Task GetVmsByIdAsync(IReadOnlyList<string> ids, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken)
    {
        if (ids.Count == 1)
        {
            await page([await FindVmAsync(ids[0], cancellationToken)]);
            return;
        }
        var wanted = new HashSet<string>(ids, StringComparer.OrdinalIgnoreCase);
        var found = (await ReadAllAsync(vm => wanted.Contains(vm.Uuid), cancellationToken)).ToDictionary(vm => vm.Id, StringComparer.OrdinalIgnoreCase);
        await page(ids.Where(found.ContainsKey).Select(id => found[id]).ToList());
        var unknown = ids.Where(id => !found.ContainsKey(id)).ToList();
        if (unknown.Count > 0)
            throw NotFound(unknown);
    }

    // In as many calls as there are classes.
    private async Task<IReadOnlyList<Vm>> ReadAllAsync(Func<XapiRecord, bool> filter, CancellationToken cancellationToken)
    {
        var vms = (await Client.AllAsync("VM", cancellationToken)).Values.Where(filter).ToList();
        if (vms.Count == 0)
            return [];
        var reader = await VmReader.ForAllAsync(Client, cancellationToken);
        return vms.Select(vm => ToVm(vm, reader)).ToList();
    }

    private VmDeployException NotFound(IReadOnlyList<string> ids, Exception? cause = null) => new(ErrorCodes.VmNotFound,
        $"{Server} has no VM with {(ids.Count == 1 ? "the id" : "the ids")} {Names.List(ids)}.", ids[0], cause);

    /// <inheritdoc/>
    public override async Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken)
    {
        var vm = await VmRecordAsync(id, cancellationToken);
        return (await VmReader.ForOneAsync(Client, vm, cancellationToken)).ToState(vm);
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<Vm>> PlanRemovalAsync(Vm vm, bool force, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        return CreateRemoval(vm, VmReader.PowerStateOf(record), force, async token =>
        {
            token.ThrowIfCancellationRequested();
            var removal = new VmRemoval(this);
            Unfinished.Add(removal, $"VM '{vm.Name}' or its disks (removal)");
            try
            {
                await Retries.Cleanup.RunAsync(_ => removal.RunAsync(record.Ref, vm.Name), VmRemoval.IsPassing, CancellationToken.None);
            }
            finally
            {
                Unfinished.Remove(removal);
                _references.TryRemove(vm.Id, out _);
            }
        });
    }

    internal override async Task RenameVmAsync(Vm vm, string name, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancellable: the name would be uncertain.
        await Client.CallAsync("VM.set_name_label", CancellationToken.None, record.Ref, name);
    }

    /// <inheritdoc/>
    private protected override async Task<DeploymentPlan> PlanImportAsync(OvaImportRequest request, ImportSource package, CancellationToken cancellationToken)
    {
        var properties = await RequestChecks.RunAsync(this, request, package, cancellationToken);
        if (request.Adapt)
        {
            package = package.Adapt(OvfAdapter.ForXenServer);
            Log.DescriptorEdited(package);
        }
        request = RequestedHardware.WithoutIgnored(this, request);
        var target = await OvaTarget.CreateAsync(this, request, package, properties, cancellationToken);
        return new OvaImportPlan(this, request with { DiskProvisioning = null }, package, await FindExistingAsync(request, cancellationToken), target) { Hardware = target.Hardware };
    }

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanCloneAsync(CloneRequest request, CancellationToken cancellationToken) =>
        await ClonePlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken) =>
        await IsoVmPlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken) =>
        await TemplatePlan.CreateAsync(this, request, cancellationToken);

    /// <summary>The record of a VM by its uuid (or reference); <c>VmNotFound</c> if it does not exist.</summary>
    internal async Task<XapiRecord> VmRecordAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            if (!id.StartsWith("OpaqueRef:", StringComparison.Ordinal) && !_references.ContainsKey(id))
                _references[id] = await Client.TextAsync("VM.get_by_uuid", cancellationToken, id);
            return await Client.RecordAsync("VM", _references.TryGetValue(id, out var reference) ? reference : id, cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            _references.TryRemove(id, out _);
            throw NotFound([id], failure);
        }
    }

    internal async Task<Vm> FindVmAsync(string id, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(id, cancellationToken);
        return ToVm(record, await VmReader.ForOneAsync(Client, record, cancellationToken));
    }

    /// <summary>The VMs that have one of a request's names, which are not unique on XenServer; <c>AmbiguousVm</c> if it is to use or replace one that is not the only one.</summary>
    internal async Task<IReadOnlyDictionary<string, Vm>> FindExistingAsync(DeploymentRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAllAsync(request.Names, cancellationToken);
        if (request.ExistingVm != ExistingVmAction.Fail && found.FirstOrDefault(same => same.Count() > 1) is { } several)
            throw new VmDeployException(ErrorCodes.AmbiguousVm, $"{several.Count()} VMs on {Server} have the name '{several.Key}': {Names.List(several.Select(vm => vm.Id))}.", several.Key);
        return found.ToDictionary(same => same.Key, same => same.First());
    }

    /// <summary>The VMs that have one of the names. Names are not unique on XenServer; the first VM of a name counts.</summary>
    internal async Task<IReadOnlyDictionary<string, Vm>> FindExistingAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        (await FindAllAsync(names, cancellationToken)).ToDictionary(same => same.Key, same => same.First());

    private async Task<List<IGrouping<string, Vm>>> FindAllAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var wanted = new HashSet<string>(names, StringComparer.Ordinal);
        return (await ReadAllAsync(vm => IsVm(vm) && wanted.Contains(vm.Name), cancellationToken)).GroupBy(vm => vm.Name, StringComparer.Ordinal).ToList();
    }

    internal static bool IsVm(XapiRecord vm) => !vm.Flag("is_a_template") && !vm.Flag("is_a_snapshot") && !vm.Flag("is_control_domain");

    internal Vm ToVm(XapiRecord vm, VmReader reader)
    {
        _references[vm.Uuid] = vm.Ref;
        return new Vm(this, vm.Uuid, reader.ToState(vm));
    }
}

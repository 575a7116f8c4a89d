using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>Clones of a VM, full or linked.</summary>
internal sealed class ClonePlan : DeploymentPlan
{
    private const string SnapshotName = "VmDeploy linked clones";

    private readonly VsphereSession _session;
    private readonly IVmCloner _cloner;
    private ResolvedClone _clone;

    private ClonePlan(VsphereSession session, ResolvedClone clone, IReadOnlyDictionary<string, Vm> existing)
        : base(session, clone.Request, existing)
    {
        _session = session;
        _clone = clone;
        _cloner = session.Cloner;
    }

    public override string Action => $"{(_clone.Request.Linked ? "Create linked clone of" : "Clone")} {_clone.Source.Vm.Name}";

    private protected override VmSummary Summary => _clone.Summarize();

    public static async Task<ClonePlan> CreateAsync(VsphereSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        RequestChecks.Run(session.Limits, request);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var clone = await ResolvedClone.CreateAsync(session, request, inventory, cancellationToken);
        if (session.Kind == HypervisorKind.Esxi && clone.Source.PowerState != PowerState.Off)
        {
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"{clone.Source.Vm.Name} is not powered off, and this host can't copy the disks of a running VM.", request.Source.Name);
        }
        if (session.Kind == HypervisorKind.Esxi)
            DatastorePlace.RequireTopFolders(clone.Placement.Datastore);
        return new ClonePlan(session, clone, await session.FindExistingAsync(request.Names, clone.Placement, cancellationToken));
    }

    private protected override async Task PrepareAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (!_clone.Request.Linked)
            return;
        if (_session.Kind == HypervisorKind.Esxi)
        {
            _session.Log.LinkedSourceMustRest(_clone.Source.Vm.Name);
            return;
        }
        _clone = _clone with { Snapshot = await FindSnapshotAsync(cancellationToken) ?? await MakeSnapshotAsync(scope, cancellationToken) };
    }

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        _cloner.CloneAsync(_clone, creation.Name, creation.ReportPercent, creation.CancellationToken);

    private async Task<MoRef?> FindSnapshotAsync(CancellationToken cancellationToken)
    {
        var vm = await _session.Properties.ReadAsync(new MoRef("VirtualMachine", _clone.Source.Vm.Id), cancellationToken, "snapshot");
        return vm["snapshot"]?.Descendants().FirstOrDefault(e => e.Value("name") == SnapshotName)?.Child("snapshot")?.ToMoRef();
    }

    private async Task<MoRef> MakeSnapshotAsync(RollbackScope scope, CancellationToken cancellationToken)
    {
        MoRef source = new("VirtualMachine", _clone.Source.Vm.Id);
        scope.Add($"snapshot '{SnapshotName}' of VM '{_clone.Source.Vm.Name}'", async token =>
        {
            await _session.Tasks.SettleAsync(source);
            if (await FindSnapshotAsync(token) is { } made)
                await _session.Tasks.RunAsync(made, "RemoveSnapshot_Task", _clone.Source.Vm.Name, token, VimXml.El("removeChildren", false));
        });
        var made = await _session.Tasks.RunAsync(source, "CreateSnapshot_Task", _clone.Source.Vm.Name, cancellationToken,
            VimXml.El("name", SnapshotName),
            VimXml.El("description", "Linked clones hang on it; remove it after the last of them."),
            VimXml.El("memory", false),
            VimXml.El("quiesce", false));
        return made!.ToMoRef();
    }
}

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
    private MoRef? _ownSnapshot;

    private ClonePlan(VsphereSession session, ResolvedClone clone, IReadOnlyDictionary<string, Vm> existing)
        : base(session, clone.Request, existing)
    {
        _session = session;
        _clone = clone;
        _cloner = session.Cloner;
    }

    public override string Action => $"{(_clone.Request.Linked ? "Linked clone" : "Clone")} of {_clone.Source.Vm.Name}";

    public override string Destination =>
        $"datastore '{Inventory.NameOf(_clone.Placement.Datastore)}' on '{_clone.Placement.HostName}'";

    public static async Task<ClonePlan> CreateAsync(VsphereSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        VmNames.Check(request.Names);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var clone = await ResolvedClone.CreateAsync(session, request, inventory, cancellationToken);
        if (session.Kind == HypervisorKind.Esxi && clone.Source.PowerState != PowerState.Off)
        {
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"{clone.Source.Vm.Name} is not powered off, and this host can't copy the disks of a running VM.", request.Source.Name);
        }
        if (session.Kind == HypervisorKind.Esxi)
            DatastorePlace.RequireTopFolders(clone.Placement.Datastore);
        if (request.Names.Contains(clone.Source.Vm.Name, StringComparer.OrdinalIgnoreCase))
            throw new VmDeployException(ErrorCodes.VmNameExists, $"'{clone.Source.Vm.Name}' is the source itself.", request.Source.Name);
        return new ClonePlan(session, clone, await session.FindExistingAsync(request.Names, clone.Placement, cancellationToken));
    }

    protected override async Task PrepareAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (!_clone.Request.Linked)
            return;
        if (_session.Kind == HypervisorKind.Esxi)
        {
            _session.Log.LinkedSourceMustRest(_clone.Source.Vm.Name);
            return;
        }
        _clone = _clone with { Snapshot = await FindSnapshotAsync(cancellationToken) ?? await MakeSnapshotAsync(cancellationToken) };
    }

    protected override async Task<Vm> MakeAsync(
        string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var bar = new OperationProgress(number, name, Action) { ParentId = 0 };
        try
        {
            return await _cloner.CloneAsync(_clone, name, p => progress.Report(bar with { Percent = p }), cancellationToken);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }

    // A snapshot that nothing hangs on is nothing that the user asked for.
    protected override async Task EndAsync(int made)
    {
        if (made > 0 || _ownSnapshot is not { } snapshot)
            return;
        try
        {
            await _session.Tasks.RunAsync(snapshot, "RemoveSnapshot_Task", _clone.Source.Vm.Name, CancellationToken.None, VimXml.El("removeChildren", false));
        }
        catch (VmDeployException e)
        {
            _session.Log.CleanupFailed(_clone.Source.Vm.Name, e.Message);
        }
    }

    private async Task<MoRef?> FindSnapshotAsync(CancellationToken cancellationToken)
    {
        var vm = await _session.Properties.ReadAsync(new MoRef("VirtualMachine", _clone.Source.Vm.Id), cancellationToken, "snapshot");
        return vm["snapshot"]?.Descendants().FirstOrDefault(e => e.Value("name") == SnapshotName)?.Child("snapshot")?.ToMoRef();
    }

    private async Task<MoRef> MakeSnapshotAsync(CancellationToken cancellationToken)
    {
        MoRef source = new("VirtualMachine", _clone.Source.Vm.Id);
        try
        {
            var made = await _session.Tasks.RunAsync(source, "CreateSnapshot_Task", _clone.Source.Vm.Name, cancellationToken,
                VimXml.El("name", SnapshotName),
                VimXml.El("description", "Linked clones hang on it; remove it after the last of them."),
                VimXml.El("memory", false),
                VimXml.El("quiesce", false));
            _ownSnapshot = made!.ToMoRef();
            return _ownSnapshot.Value;
        }
        catch (VmDeployException e) when (SoapClient.IsUnanswered(e))
        {
            await _session.Tasks.SettleAsync(source);
            _ownSnapshot = await FindSnapshotAsync(CancellationToken.None);
            throw;
        }
    }
}

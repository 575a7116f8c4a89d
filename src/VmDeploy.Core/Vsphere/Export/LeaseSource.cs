using System.Text;
using VmDeploy.Export;

namespace VmDeploy.Vsphere;

/// <summary>A VM of ESXi or vCenter that can be exported.</summary>
internal sealed class LeaseSource(VsphereSession session, Vm vm, long bytes, OvfOfHost rehearsal, ExportTraits traits) : ExportSource
{
    public override long EstimatedBytes => bytes;

    public override bool IsCompressed => true;

    public override ExportTraits Traits => traits;

    public override Task<string> RehearseAsync(CancellationToken cancellationToken) => Task.FromResult(rehearsal.Descriptor);

    private protected override async Task<OpenExport> OpenAsync(VmSnapshot? snapshot, RollbackScope scope, CancellationToken cancellationToken)
    {
        HttpNfcLease? lease = null;
        var isWarned = false;
        cancellationToken.ThrowIfCancellationRequested();
        var item = scope.Add($"export lease of VM '{vm.Name}'", async token =>
        {
            if (lease is not null)
            {
                await lease.AbortAsync(token);
                return;
            }
            if (!isWarned)
                session.Log.LeaseEndAwaited(vm.Name);
            isWarned = true;
            if (snapshot is null)
                await HttpNfcLease.WaitReleasedAsync(session, vm, token);
            else
                await RemoveHeldAsync(snapshot, token);
        });
        try
        {
            // Not cancelled half-way: a lease whose reference is lost blocks the VM until it times out.
            lease = new HttpNfcLease(session, (snapshot is null
                ? await session.Soap.CallAsync(MoRef.Of(vm), "ExportVm", CancellationToken.None)
                : await session.Soap.CallAsync(new MoRef("VirtualMachineSnapshot", snapshot.Id), "ExportSnapshot", CancellationToken.None)).ReturnedRef(), vm.Name);
        }
        catch (VimFault)
        {
            // The host refused, so there is no lease.
            scope.Keep(item);
            throw;
        }
        await lease.WaitReadyAsync(cancellationToken);
        var files = LeaseFile.Of(session, lease, vm.Name, await lease.RequestSha256Async(cancellationToken));
        return new Open(session, vm, snapshot, lease, files, rehearsal, () => scope.Keep(item));
    }

    // Nothing shows an unknown lease of a snapshot, but the host may refuse to remove the snapshot until the lease has ended.
    private async Task RemoveHeldAsync(VmSnapshot snapshot, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(HttpNfcLease.Longest);
        await (session.Retries.Cleanup with { Attempts = int.MaxValue }).RunAsync(async _ =>
        {
            foreach (var held in (await session.Snapshots.GetAsync(vm, CancellationToken.None)).Where(one => one.Id == snapshot.Id))
                await (await session.Snapshots.PlanRemoveAsync(held, withChildren: false, CancellationToken.None)).RunAsync(new Progress<OperationProgress>(), CancellationToken.None);
        }, e => e is VimFault || RollbackScope.IsPassing(e), limit.Token);
    }

    private sealed class Open(VsphereSession session, Vm vm, VmSnapshot? snapshot, HttpNfcLease lease, IReadOnlyList<LeaseFile> files, OvfOfHost rehearsal, Action closed) : OpenExport
    {
        // Of a file and its disk: the elements and attributes that the rehearsal lacks.
        private const int BytesPerFile = 1024;
        private const int Reserve = 4096;

        public override IReadOnlyList<ExportedFile> Files => files;

        public override int DescriptorRoom => Encoding.UTF8.GetByteCount(rehearsal.Descriptor) + (files.Count * BytesPerFile) + Reserve;

        public override Task HoldAsync(Func<int> percent, Func<CancellationToken, Task> work, CancellationToken cancellationToken) => lease.HoldAsync(percent, work, cancellationToken);

        public override async Task<string> DescribeAsync(IReadOnlyList<PackageFile> written, CancellationToken cancellationToken)
        {
            var ovf = await OvfOfHost.CreateAsync(session, vm, snapshot, written, cancellationToken);
            foreach (var warning in ovf.Warnings.Except(rehearsal.Warnings))
                session.Log.OvfWarning(vm.Name, warning);
            return ovf.Descriptor;
        }

        public override async Task CompleteAsync()
        {
            await lease.CompleteAsync();
            closed();
        }
    }
}

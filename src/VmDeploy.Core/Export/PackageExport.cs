using VmDeploy.Ova;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Export;

/// <summary>
/// One export: takes a temporary snapshot of a running VM, reads its files one after the other into the package, asks for the
/// descriptor, and removes the snapshot. The package has its name only when all of it is there.
/// </summary>
internal sealed class PackageExport(ExportRequest request, ExportSource source, PackageTarget target, string stem, bool needsSnapshot)
{
    private const int Attempts = 3;

    private readonly VmSession _session = request.Vm.Session;
    private readonly Vm _vm = request.Vm;

    public async Task<ExportedPackage> RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var scope = new RollbackScope(_session, _vm.Name);
        ExportedPackage? package = null;
        Exception? failure = null;
        try
        {
            var snapshot = needsSnapshot ? await TakeSnapshotAsync(scope, progress, cancellationToken) : null;
            var meter = new TransferMeter(progress, new OperationProgress(0, _vm.Name, $"Exporting to {Path.GetFileName(target.Path)}") { BytesTotal = source.EstimatedBytes > 0 ? source.EstimatedBytes : null });
            try
            {
                package = await target.WriteAsync(writer => WriteAsync(writer, snapshot, scope, meter, cancellationToken));
            }
            finally
            {
                meter.Complete();
            }
        }
        catch (Exception e)
        {
            failure = e;
        }
        // The snapshot goes after a success too.
        var left = await scope.RollBackAsync(failure);
        switch (failure)
        {
            case null when left.Count == 0:
                return package!;
            case null:
                throw new VmDeployException(ErrorCodes.ExportNotCleanedUp, $"'{target.Path}' is complete, but something of the export could not be removed from the host.", _vm.Name).WithLeftovers(left);
            case VmDeployException known when left.Count > 0:
                throw known.WithLeftovers(left);
            default:
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(failure).Throw();
                throw failure;
        }
    }

    private async Task<VmSnapshot> TakeSnapshotAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var name = $"VmDeploy export {Guid.NewGuid().ToString("N").Substring(0, 8)}";
        var plan = await _session.Snapshots.PlanTakeAsync(new SnapshotRequest(_vm, name) { Description = "Temporary; removed when the export has ended." }, cancellationToken);
        scope.Add($"snapshot '{name}' of VM '{_vm.Name}'", token => RemoveSnapshotAsync(name, progress, token));
        return await plan.RunAsync(progress, cancellationToken);
    }

    // What refuses it once may not refuse it again: a lease that is not known, because its reply was lost, holds the snapshot until it
    // times out.
    private async Task RemoveSnapshotAsync(string name, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var made in (await _session.Snapshots.GetAsync(_vm, cancellationToken)).Where(one => one.Name == name))
                await (await _session.Snapshots.PlanRemoveAsync(made, withChildren: false, cancellationToken)).RunAsync(progress, cancellationToken);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.HostFault)
        {
            throw new VmDeployException(e.Code, e.Message, e.Target, e) { IsTransient = true };
        }
    }

    private async Task WriteAsync(PackageWriter writer, VmSnapshot? snapshot, RollbackScope scope, TransferMeter meter, CancellationToken cancellationToken)
    {
        var export = await source.OpenAsync(snapshot, scope, cancellationToken);
        writer.Begin(export.DescriptorRoom);
        await export.HoldAsync(() => source.EstimatedBytes > 0 ? (int)Math.Min(99, meter.Done * 100 / source.EstimatedBytes) : 0, async token =>
        {
            var files = new List<PackageFile>();
            foreach (var file in export.Files)
                files.Add(await AddAsync(writer, file, meter, token));
            writer.End(await export.DescribeAsync(files, token));
        }, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        await export.CompleteAsync();
    }

    // A file that broke on the way is read again, over what was written of it.
    private async Task<PackageFile> AddAsync(PackageWriter writer, ExportedFile file, TransferMeter meter, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var before = meter.Done;
            try
            {
                var written = await writer.AddAsync($"{stem}-{file.Name}", file, stream => CopyAsync(file, stream, meter, cancellationToken));
                await file.VerifyAsync(written, cancellationToken);
                writer.Keep();
                return written;
            }
            catch (VmDeployException e) when (attempt < Attempts && (e.IsTransient || (meter.Done > before && (e.Code == ErrorCodes.HostTimeout || e.Code == ErrorCodes.HostUnreachable))))
            {
                _session.Log.DownloadRetried(_vm.Name, file.Name, e.Message, attempt + 1, Attempts);
                meter.Add(before - meter.Done);
            }
        }
    }

    private Task CopyAsync(ExportedFile file, Stream target, TransferMeter meter, CancellationToken cancellationToken) => file.ReadAsync(async stream =>
    {
        if (file.Form == ExportedForm.Raw)
            await new StreamOptimizedWriter(target, $"{stem}-{file.Name}", file.Capacity!.Value, request.CompressionLevel).WriteAsync(stream, count => meter.Add(count), cancellationToken);
        else
            await BlockCopier.CopyAsync(stream, target, count => meter.Add(count), cancellationToken);
    }, cancellationToken);
}

using VmDeploy.Ova;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Export;

/// <summary>
/// One export: reads the files of a VM into the package, several at a time where that takes them, and asks for the descriptor. The package
/// has its name only when all of it is there.
/// </summary>
internal sealed class PackageExport(ExportRequest request, ExportSource source, PackageTarget target, string stem, TemporarySnapshot temporary)
{
    // Of a file, each from its start.
    private const int MostReads = 3;

    private readonly VmSession _session = request.Vm.Session;
    private readonly Vm _vm = request.Vm;

    public async Task<ExportedPackage> RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        ExportedPackage? package = null;
        var left = await temporary.RunAsync(async (snapshot, scope) =>
        {
            var meter = new TransferMeter(progress, new OperationProgress(0, _vm.Name, $"Exporting to {Path.GetFileName(target.Path)}") { BytesTotal = source.EstimatedBytes > 0 ? source.EstimatedBytes : null });
            try
            {
                package = await target.WriteAsync(writer => source.UseAsync(snapshot, scope, () => meter.PercentOf(source.EstimatedBytes), (export, token) => WriteAsync(writer, export, meter, token), cancellationToken));
            }
            finally
            {
                meter.Complete();
            }
        }, progress, cancellationToken);
        return left.Count == 0 ? package!
            : throw new VmDeployException(ErrorCodes.ExportNotCleanedUp, $"'{target.Path}' is complete, but something of the export could not be removed from the host.", _vm.Name).WithLeftovers(left);
    }

    private async Task WriteAsync(PackageWriter writer, OpenExport export, TransferMeter meter, CancellationToken cancellationToken)
    {
        writer.Begin(export.DescriptorRoom);
        var files = await new TransferLimit(request.ThrottleLimit).RunAsync(
            export.Files, writer.CanWriteSideBySide, (file, token) => AddAsync(writer, file, new FileMeter(meter), token), cancellationToken);
        writer.End(files, await export.DescribeAsync(files, cancellationToken));
    }

    // A file that broke on the way is read again, over what was written of it.
    private async Task<PackageFile> AddAsync(PackageWriter writer, ExportedFile file, FileMeter meter, CancellationToken cancellationToken)
    {
        var reads = 0;
        // The pauses outlast a restart of the host's services.
        return await _session.Retries.Cleanup.RunAsync(async _ =>
        {
            meter.Restart();
            try
            {
                var written = await writer.AddAsync($"{stem}-{file.Name}", file, stream => CopyAsync(file, stream, meter, cancellationToken));
                await file.VerifyAsync(written, cancellationToken);
                writer.Keep(written);
                return written;
            }
            catch (VmDeployException)
            {
                reads += meter.Done > 0 ? 1 : 0;
                throw;
            }
        }, IsBroken, cancellationToken);

        bool IsBroken(Exception failure)
        {
            if (failure is not VmDeployException e || reads == MostReads || !RetryPolicy.IsBroken(e, hasMoved: reads > 0))
                return false;
            _session.Log.DownloadRetried(_vm.Name, file.Name, e.Message);
            return true;
        }
    }

    private Task CopyAsync(ExportedFile file, Stream target, FileMeter meter, CancellationToken cancellationToken) => file.ReadAsync(async (stream, _) =>
    {
        if (file.Form == ExportedForm.Raw)
            await new StreamOptimizedWriter(target, $"{stem}-{file.Name}", file.Capacity!.Value, request.CompressionLevel).WriteAsync(stream, count => meter.Add(count), cancellationToken);
        else
            await BlockCopier.CopyAsync(stream, target, count => meter.Add(count), cancellationToken);
    }, cancellationToken);
}

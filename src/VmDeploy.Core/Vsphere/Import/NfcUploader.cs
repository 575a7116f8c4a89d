using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using VmDeploy.Export;
using VmDeploy.Import;
using VmDeploy.Ova;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Vsphere;

internal sealed class NfcUploader(VsphereSession session, TransferLimit transfers)
{
    private const int Attempts = 3;

    /// <summary>Sends every file, several at a time where the package allows it, and renews the lease meanwhile.</summary>
    public async Task UploadAsync(
        HttpNfcLease lease, IReadOnlyList<XElement> fileItems, ImportSource package, string name, long bytes, TransferMeter meter,
        CancellationToken cancellationToken)
    {
        session.Log.LeaseReady(name, fileItems.Count);
        // A delta disk builds on an earlier one.
        var sideBySide = package.CanReadSideBySide && package.Descriptor.Disks.All(disk => disk.ParentRef is null);
        await lease.HoldAsync(() => meter.PercentOf(bytes), token => transfers.RunAsync(
            fileItems, sideBySide, (item, stop) => UploadFileAsync(lease, item, package, name, new FileMeter(meter), stop), token), cancellationToken);
    }

    private async Task UploadFileAsync(
        HttpNfcLease lease, XElement item, ImportSource package, string name, FileMeter meter, CancellationToken cancellationToken)
    {
        var path = item.Value("path") ?? "";
        var file = package.Files.FirstOrDefault(f => f.Href == path)
            ?? throw new VmDeployException(ErrorCodes.OvaFileMissing, $"The host asks for '{path}', which {package.Name} does not have.", path);
        var device = lease.DeviceUrls.FirstOrDefault(d => d.Value("importKey") == item.Value("deviceId"))
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{name}: the lease has no URL for '{path}'.", path);
        var url = LeaseUrl.Resolve(session, device, name, "upload");
        var isSpooled = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await (isSpooled ? SpoolAsync(url, item, file, name, meter, cancellationToken) : SendAsync(url, item, file, name, meter, cancellationToken));
                return;
            }
            catch (LengthRequiredException e) when (!isSpooled)
            {
                session.Log.UploadSpooled(name, path, e.Message);
                isSpooled = true;
                attempt--;
            }
            catch (VmDeployException e) when (e.Code != ErrorCodes.OvaDigestMismatch)
            {
                // If the host has ended the lease, its reason is better than the broken connection that we saw.
                if (await lease.FindErrorAsync(cancellationToken) is { } reason)
                    throw reason;
                if (attempt == Attempts || !RetryPolicy.IsBroken(e, hasMoved: meter.Done > 0))
                    throw;
                session.Log.UploadRetried(name, path, e.Message, attempt + 1, Attempts);
            }
            meter.Restart();
        }
    }

    private async Task SendAsync(Uri url, XElement item, ImportFile file, string name, FileMeter meter, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var length = await file.GetLengthAsync(cancellationToken);
        var results = await file.ReadAsync(async source =>
        {
            using var body = Body(file, source, length ?? source.Length, meter, await CapacityAsync(file, cancellationToken));
            await PutAsync(url, item, body, file, name, cancellationToken);
        }, cancellationToken);
        session.Log.VerifyDigests(name, results);
        session.Log.Uploaded(name, file.Href, meter.Done, clock.ElapsedMilliseconds);
    }

    // For a host that wants to know how much will come.
    private async Task SpoolAsync(Uri url, XElement item, ImportFile file, string name, FileMeter meter, CancellationToken cancellationToken)
    {
        using var spool = new SpoolStore(file.Href);
        session.Log.VerifyDigests(name, await file.ReadAsync(async source =>
        {
            using var body = Body(file, source, source.Length, meter, await CapacityAsync(file, cancellationToken));
            body.Cancellation = cancellationToken;
            await body.CopyToAsync(spool.Append());
        }, cancellationToken));
        using var whole = new UploadContent(spool.OpenAt(0, null, cancellationToken), spool.Length, _ => { });
        await PutAsync(url, item, whole, file, name, cancellationToken);
    }

    private async Task PutAsync(Uri url, XElement item, UploadContent body, ImportFile file, string name, CancellationToken cancellationToken)
    {
        var create = item.Value("create") == "true";
        using var request = new HttpRequestMessage(create ? HttpMethod.Put : HttpMethod.Post, url);
        if (create)
            request.Headers.TryAddWithoutValidation("Overwrite", "t");
        body.Headers.ContentType = new MediaTypeHeaderValue(create ? "application/octet-stream" : "application/x-vnd.vmware-streamVmdk");
        using var response = await session.Transport.UploadAsync(request, body, cancellationToken);
        if (response.IsSuccessStatusCode)
            return;
        var refusal = await HttpRefusal.ReadAsync(response, name, file.Href);
        throw body.Headers.ContentLength is null && response.StatusCode is HttpStatusCode.LengthRequired or HttpStatusCode.BadRequest or HttpStatusCode.NotImplemented
            ? new LengthRequiredException(refusal) : refusal;
    }

    private static UploadContent Body(ImportFile file, ImportStream source, long? length, FileMeter meter, long capacity) => file.Form == ExportedForm.Raw
        ? new VmdkContent(source.Bytes, file.Href, capacity, read => meter.Add(read))
        : new UploadContent(source.Bytes, length, sent => meter.Add(sent));

    private static async Task<long> CapacityAsync(ImportFile file, CancellationToken cancellationToken) =>
        file.Form == ExportedForm.Raw ? await file.GetCapacityAsync(cancellationToken) : 0;

    /// <summary>The host takes no body of unknown length.</summary>
    private sealed class LengthRequiredException(VmDeployException refusal) : VmDeployException(refusal.Code, refusal.Message, refusal.Target, refusal);
}

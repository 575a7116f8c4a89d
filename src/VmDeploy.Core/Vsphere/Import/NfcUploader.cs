using System.Diagnostics;
using System.Net.Http.Headers;
using VmDeploy.Ova;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

internal sealed class NfcUploader(VsphereSession session)
{
    private const int Attempts = 3;

    /// <summary>Sends every file, in the order of the file items (a delta disk builds on an earlier one), and renews the lease meanwhile.</summary>
    public async Task UploadAsync(
        HttpNfcLease lease, IReadOnlyList<XElement> fileItems, OvaPackage package, string name, long bytes, TransferMeter meter,
        CancellationToken cancellationToken)
    {
        session.Log.LeaseReady(name, fileItems.Count);
        await lease.HoldAsync(() => bytes > 0 ? (int)Math.Min(99, meter.Done * 100 / bytes) : 0, async token =>
        {
            foreach (var item in fileItems)
                await UploadFileAsync(lease, item, package, name, meter, token);
        }, cancellationToken);
    }

    private async Task UploadFileAsync(
        HttpNfcLease lease, XElement item, OvaPackage package, string name, TransferMeter meter, CancellationToken cancellationToken)
    {
        var path = item.Value("path") ?? "";
        var file = package.Files.FirstOrDefault(f => f.Href == path)
            ?? throw new VmDeployException(ErrorCodes.OvaFileMissing, $"The host asks for '{path}', which {package.Name} does not have.", path);
        var device = lease.DeviceUrls.FirstOrDefault(d => d.Value("importKey") == item.Value("deviceId"))
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{name}: the lease has no URL for '{path}'.", path);
        var url = LeaseUrl.Resolve(session, device, name, "upload");
        for (var attempt = 1; ; attempt++)
        {
            var before = meter.Done;
            try
            {
                await SendAsync(url, item.Value("create") == "true", package, file, name, meter, cancellationToken);
                return;
            }
            catch (VmDeployException e) when (e.Code != ErrorCodes.OvaDigestMismatch)
            {
                // If the host has ended the lease, its reason is better than the broken connection that we saw.
                if (await lease.FindErrorAsync(cancellationToken) is { } reason)
                    throw reason;
                // A connection that breaks after bytes were sent may work again, with any error code.
                var isBroken = e.IsTransient || (meter.Done > before && (e.Code == ErrorCodes.HostTimeout || e.Code == ErrorCodes.HostUnreachable));
                if (!isBroken || attempt == Attempts)
                    throw;
                meter.Add(before - meter.Done);
                session.Log.UploadRetried(name, path, e.Message, attempt + 1, Attempts);
            }
        }
    }

    private async Task SendAsync(
        Uri url, bool create, OvaPackage package, OvaFile file, string name, TransferMeter meter, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var length = await package.GetLengthAsync(file, cancellationToken);
        using var source = package.OpenFile(file);
        using var body = new UploadContent(source, length, sent => meter.Add(sent));
        using var request = new HttpRequestMessage(create ? HttpMethod.Put : HttpMethod.Post, url);
        if (create)
            request.Headers.TryAddWithoutValidation("Overwrite", "t");
        body.Headers.ContentType = new MediaTypeHeaderValue(create ? "application/octet-stream" : "application/x-vnd.vmware-streamVmdk");
        using var response = await session.Transport.UploadAsync(request, body, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await HttpRefusal.ReadAsync(response, name, file.Href);
        session.Log.VerifyDigests(name, await source.CompleteAsync(cancellationToken));
        session.Log.Uploaded(name, file.Href, length, clock.ElapsedMilliseconds);
    }
}

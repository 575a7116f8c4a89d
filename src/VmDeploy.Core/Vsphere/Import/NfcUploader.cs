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
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        VmDeployException? lost = null;
        var renewing = lease.RenewAsync(
            () => bytes > 0 ? (int)Math.Min(99, meter.Done * 100 / bytes) : 0,
            e => { lost = e; stop.Cancel(); },
            stop.Token);
        try
        {
            foreach (var item in fileItems)
                await UploadFileAsync(lease, item, package, name, meter, stop.Token);
        }
        catch (OperationCanceledException) when (lost is not null && !cancellationToken.IsCancellationRequested)
        {
            throw await lease.FindErrorAsync(CancellationToken.None) ?? lost;
        }
        finally
        {
            stop.Cancel();
            await renewing;
        }
    }

    private async Task UploadFileAsync(
        HttpNfcLease lease, XElement item, OvaPackage package, string name, TransferMeter meter, CancellationToken cancellationToken)
    {
        var path = item.Value("path") ?? "";
        var file = package.Files.FirstOrDefault(f => f.Href == path)
            ?? throw new VmDeployException(ErrorCodes.OvaFileMissing, $"The host asks for '{path}', which {package.Name} does not have.", path);
        var device = lease.DeviceUrls.FirstOrDefault(d => d.Value("importKey") == item.Value("deviceId"))
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"{name}: the lease has no URL for '{path}'.", path);
        var url = Address(device, name);
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

    // ESXi writes '*' for itself, which no URI parser takes, and does not know under which port it was reached. The disks go to
    // no other host, and never unencrypted; a vCenter names the ESXi host that takes them.
    private Uri Address(XElement device, string name)
    {
        var own = session.BaseAddress;
        var url = device.Value("url") ?? "";
        var authority = url.IndexOf("://", StringComparison.Ordinal) + 3;
        var path = authority > 2 && authority < url.Length && url[authority] == '*' ? url.IndexOf('/', authority) : -1;
        if (path > 0)
            return new Uri(own, new Uri(url.Substring(path), UriKind.Relative));
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
            throw Refused($"'{url}', which is not an http address");
        if (own.Scheme == Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttps)
            throw Refused($"'{address.GetLeftPart(UriPartial.Authority)}', which is not https");
        if (!HostUrl.IsSameHost(address, own) && session.Kind != HypervisorKind.VCenter)
            throw Refused($"another host, {address.Authority}");
        // Another port may have a different certificate.
        if (address.Authority != own.Authority && device.Value("sslThumbprint") is { Length: > 0 } thumbprint)
            session.Transport.Certificates.Pin(address, thumbprint);
        return address;

        VmDeployException Refused(string what) =>
            new(ErrorCodes.UnexpectedReply, $"{name}: {own.Authority} sends the upload to {what}.", url);
    }
}

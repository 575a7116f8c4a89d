using System.Net.Http.Headers;
using VmDeploy.Export;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>A file that a lease sends: a disk, or the NVRAM, without which a guest with EFI may not boot.</summary>
internal sealed record LeaseFile(VsphereSession Session, HttpNfcLease Lease, XElement Device, string VmName, string Name, ExportedForm Form, bool HasSha256) : ExportedFile(Name, Form, null)
{
    public string Key => Device.Value("key") ?? "";

    // Hosts that take the order for SHA-256 may still have SHA-1 only.
    public override IReadOnlyList<string> Digests => HasSha256 ? ["SHA256", "SHA1"] : ["SHA1"];

    /// <summary>The files of a lease; images in drives are left out.</summary>
    public static IReadOnlyList<LeaseFile> Of(VsphereSession session, HttpNfcLease lease, string vm, bool hasSha256)
    {
        var disks = lease.DeviceUrls.Where(device => device.Value("disk") == "true" || device.Value("targetId")?.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase) == true)
            .Select((device, i) => new LeaseFile(session, lease, device, vm, $"disk-{i}.vmdk", ExportedForm.StreamOptimized, hasSha256));
        var settings = lease.DeviceUrls.Where(device => device.Value("targetId")?.EndsWith("nvram", StringComparison.OrdinalIgnoreCase) == true)
            .Select((device, i) => new LeaseFile(session, lease, device, vm, i == 0 ? "firmware.nvram" : $"firmware-{i}.nvram", ExportedForm.Other, hasSha256));
        return [.. disks, .. settings];
    }

    public override async Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken)
    {
        var url = LeaseUrl.Resolve(Session, Device, VmName, "download");
        using var message = new HttpRequestMessage(HttpMethod.Get, url);
        message.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        long? expected = null;
        long received = 0;
        try
        {
            using var response = await Session.Transport.DownloadAsync(message, async (reply, limit, token) =>
            {
                expected = reply.Content.Headers.ContentLength;
                using var body = await reply.Content.ReadAsStreamAsync();
                using (token.Register(body.Dispose))
                {
                    limit.Pause();
                    await consume(new MeteredStream(body, count =>
                    {
                        limit.Pause();
                        received += count;
                    })
                    {
                        Waiting = limit.Restart,
                    }, expected);
                }
            }, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Failed($"The host refused '{Name}' with HTTP {(int)response.StatusCode} {response.ReasonPhrase}.", (int)response.StatusCode >= 500);
            if (expected is { } length && received != length)
                throw Failed($"{received} of {length} bytes of '{Name}' arrived.", isTransient: true);
        }
        catch (VmDeployException e) when (e.Code != ErrorCodes.LocalFileNotWritable)
        {
            // A host that gave the lease up has a better reason than the broken connection that we saw.
            if (await Lease.FindErrorAsync(cancellationToken) is { } reason)
                throw reason;
            throw;
        }
    }

    /// <summary>Compares the file with the manifest of the host.</summary>
    public override async Task VerifyAsync(PackageFile written, CancellationToken cancellationToken)
    {
        var entry = (await Lease.ReadManifestAsync(cancellationToken)).FirstOrDefault(one => one.Value("key") == Key);
        if (entry is null)
            return;
        if (VmProperties.Number(entry.Value("size")) is var size && size != written.Length)
            throw Failed($"{written.Length} bytes of '{Name}' arrived; the host says that it has sent {size}.", isTransient: true);
        foreach (var (algorithm, sent) in new[] { (entry.Value("checksumType")?.ToUpperInvariant().Replace("-", ""), entry.Value("checksum")), ("SHA1", entry.Value("sha1")) })
        {
            if (algorithm is not null && !string.IsNullOrEmpty(sent) && written.Digests.TryGetValue(algorithm, out var actual) && !string.Equals(sent, actual, StringComparison.OrdinalIgnoreCase))
                throw Failed($"'{Name}' was damaged on the way: its {algorithm} digest is {actual}, and the host says that it has sent {sent}.", isTransient: true);
        }
    }

    private VmDeployException Failed(string message, bool isTransient) => new(ErrorCodes.DownloadFailed, $"{VmName}: {message}", VmName) { IsTransient = isTransient };
}

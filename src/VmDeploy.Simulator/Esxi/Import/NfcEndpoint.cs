using System.Buffers.Binary;
using System.Security.Cryptography;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Accepts uploads and downloads at the URLs of leases. The URL is the permission, as long as the lease exists.</summary>
internal sealed class NfcEndpoint(EsxiHost host, Upload upload, LinkLimiter link)
{
    private const string DiskType = "application/x-vnd.vmware-streamVmdk";
    private const int CompressedGrains = 1 << 16;
    private const int OldestVersion = 3;

    public async Task AnswerAsync(HttpContext http, string ticket, string name)
    {
        HttpNfcLease? lease;
        LeaseFile? file;
        lock (host.Gate)
        {
            lease = host.All<HttpNfcLease>().FirstOrDefault(l => l.Find(ticket, name) is not null);
            file = lease?.Find(ticket, name);
        }
        if (lease is null || file is null)
        {
            await FailAsync(http, StatusCodes.Status404NotFound, "Transfer not found, or its lease has ended.");
            return;
        }
        if (lease.IsExport)
        {
            await GiveAsync(http, lease, file);
            return;
        }
        if (http.Request.Method != (file.Disk is null ? HttpMethods.Put : HttpMethods.Post))
        {
            http.Response.Headers.Allow = file.Disk is null ? HttpMethods.Put : HttpMethods.Post;
            await FailAsync(http, StatusCodes.Status405MethodNotAllowed, "Method not allowed");
            return;
        }
        if (http.Request.ContentLength is null && host.Faults.RequiresLength)
        {
            await FailAsync(http, StatusCodes.Status411LengthRequired, "Content-Length is required");
            return;
        }
        if (file.Disk is not null && !string.Equals(http.Request.ContentType, DiskType, StringComparison.OrdinalIgnoreCase))
        {
            await FailAsync(http, StatusCodes.Status415UnsupportedMediaType, $"A disk is sent as {DiskType}");
            return;
        }
        // The client of an upload that was cut may return before the server has noticed the end of that upload.
        var mine = new TaskCompletionSource();
        Task before;
        lock (host.Gate)
            (before, file.Upload) = (file.Upload, mine.Task);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lease.Ended, http.RequestAborted);
        try
        {
            await before;
            using var open = await host.Transfers.OpenAsync(file.Name, stop.Token);
            await ReceiveAsync(http, lease, file, stop.Token);
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }
        finally
        {
            mine.SetResult();
        }
    }

    // Disks have no length that is known before; what goes wrong cuts the connection.
    private async Task GiveAsync(HttpContext http, HttpNfcLease lease, LeaseFile file)
    {
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.Headers.Allow = HttpMethods.Get;
            await FailAsync(http, StatusCodes.Status405MethodNotAllowed, "Method not allowed");
            return;
        }
        http.Response.ContentType = file.Disk is null ? "application/octet-stream" : DiskType;
        if (file.Disk is null)
            http.Response.ContentLength = new FileInfo(file.Path.Local).Length;
        var mine = new TaskCompletionSource();
        lock (host.Gate)
            file.Upload = mine.Task;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lease.Ended, http.RequestAborted);
#pragma warning disable CA5350 // The interface asks for SHA-1.
        using var sha1 = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long sent = 0;
        var cut = host.Faults.TakeDownloadCut() ?? long.MaxValue;
        try
        {
            using var open = await host.Transfers.OpenAsync(file.Name, stop.Token);
            if (file.Disk is null)
                await DiskStream.CopyAsync(file.Path.Local, WriteAsync);
            else
                await DiskStream.WriteAsync(file.Path.Local, WriteAsync);
            lock (host.Gate)
            {
                file.Received = sent;
                file.Digests = (Convert.ToHexStringLower(sha1.GetHashAndReset()), Convert.ToHexStringLower(sha256.GetHashAndReset()));
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidDataException)
        {
            http.Abort();
        }
        finally
        {
            mine.SetResult();
        }

        async Task WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            sha1.AppendData(bytes.Span);
            sha256.AppendData(bytes.Span);
            sent += bytes.Length;
            while (bytes.Length > 0)
            {
                var piece = bytes[..Math.Min(bytes.Length, link.PieceSize)];
                await link.TakeAsync(piece.Length, stop.Token);
                await http.Response.Body.WriteAsync(piece, stop.Token);
                if (sent > cut)
                    throw new IOException("cut by order");
                bytes = bytes[piece.Length..];
            }
        }
    }

    private async Task ReceiveAsync(HttpContext http, HttpNfcLease lease, LeaseFile file, CancellationToken stop)
    {
        if (http.Request.ContentLength > file.Path.Datastore.FreeSpace)
        {
            await FailFullAsync(http, lease, file);
            return;
        }
        byte[] head;
        try
        {
            head = await Upload.ReadHeadAsync(http.Request, 512, stop);
        }
        catch (Exception e) when (e is System.IO.IOException or OperationCanceledException)
        {
            http.Abort();
            return;
        }
        if (file.Disk is not null && !IsStreamOptimized(head))
        {
            await FailAsync(http, StatusCodes.Status500InternalServerError, "Not a supported disk format (invalid sparse VMDK header)");
            return;
        }
        if (file.Disk is not null && BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4)) < OldestVersion)
        {
            await FailAsync(http, StatusCodes.Status500InternalServerError, "Not a supported disk format (sparse VMDK version too old)");
            return;
        }

        switch (await upload.SaveAsync(http, head, file.Path.Local, stop))
        {
            case UploadEnd.Complete:
                lock (host.Gate)
                {
                    file.Received = new FileInfo(file.Path.Local).Length;
                    file.Path.Datastore.Changed();
                }
                break;
            case UploadEnd.Full:
                await FailFullAsync(http, lease, file);
                break;
            case UploadEnd.LeaseDead:
                lease.Fail(VimFault.Of("SystemError", "A general system error occurred: the disk can't be written.", ("reason", "ordered")));
                http.Abort();
                break;
        }
    }

    private static bool IsStreamOptimized(byte[] head) =>
        head.Length == 512 && head.AsSpan(0, 4).SequenceEqual(SparseVmdk.Magic)
        && (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8)) & CompressedGrains) != 0;

    private static Task FailFullAsync(HttpContext http, HttpNfcLease lease, LeaseFile file)
    {
        lease.Fail(VimFault.NoDiskSpace(file.Path.Datastore.Name));
        return FailAsync(http, StatusCodes.Status500InternalServerError, "Failed to write the disk: No space left on device");
    }

    private static Task FailAsync(HttpContext http, int status, string text)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(text);
    }
}

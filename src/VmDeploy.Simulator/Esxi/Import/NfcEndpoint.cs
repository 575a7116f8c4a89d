using System.Buffers.Binary;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>Accepts uploads at the URLs of leases. The URL is the permission, as long as the lease exists.</summary>
internal sealed class NfcEndpoint(EsxiHost host, Upload upload)
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
        if (http.Request.Method != (file.Disk is null ? HttpMethods.Put : HttpMethods.Post))
        {
            http.Response.Headers.Allow = file.Disk is null ? HttpMethods.Put : HttpMethods.Post;
            await FailAsync(http, StatusCodes.Status405MethodNotAllowed, "Method not allowed");
            return;
        }
        if (http.Request.ContentLength is null)
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
        try
        {
            await before;
            await ReceiveAsync(http, lease, file);
        }
        finally
        {
            mine.SetResult();
        }
    }

    private async Task ReceiveAsync(HttpContext http, HttpNfcLease lease, LeaseFile file)
    {
        var length = http.Request.ContentLength!.Value;
        if (length > file.Path.Datastore.FreeSpace)
        {
            await FailFullAsync(http, lease, file);
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(lease.Ended, http.RequestAborted);
        byte[] head;
        try
        {
            head = await Upload.ReadHeadAsync(http.Request, 512, stop.Token);
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

        switch (await upload.SaveAsync(http, head, file.Path.Local, stop.Token))
        {
            case UploadEnd.Complete:
                lock (host.Gate)
                {
                    file.Received = length;
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

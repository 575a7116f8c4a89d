using System.Buffers.Binary;
using System.Diagnostics;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// PUT /import_raw_vdi. Answered before the data is read, so that only the task has the result.
/// Plain raw data up to Content-Length, or sparse frames up to one of twelve zero bytes.
/// </summary>
internal sealed class RawImport
{
    private const int FrameHeader = 12;

    private readonly XapiHost _host;
    private readonly XapiObject _vdi;
    private readonly XapiObject _task;
    private readonly bool _isSparse;
    private readonly long? _contentLength;
    private readonly XapiFaultPlan.UploadFault? _fault;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private Func<bool> _isBroken = () => false;
    private long _received;

    private RawImport(XapiHost host, XapiObject vdi, XapiObject task, bool isSparse, long? contentLength, XapiFaultPlan.UploadFault? fault)
    {
        _host = host;
        _vdi = vdi;
        _task = task;
        _isSparse = isSparse;
        _contentLength = contentLength;
        _fault = fault;
    }

    /// <summary>The answer to the request's head; data is read only after 200.</summary>
    /// <param name="Status">HTTP status and reason.</param>
    /// <param name="Location">For a redirect: scheme and authority.</param>
    /// <param name="LeavesOpen">The server forgets to close the connection.</param>
    /// <param name="Import">The receiver of the data.</param>
    public sealed record Reply(string Status, string? Location = null, bool LeavesOpen = false, RawImport? Import = null);

    /// <summary>Bytes of bodies received since the start.</summary>
    public static void Count(XapiHost host, int bytes) => Interlocked.Add(ref host.BytesUploaded, bytes);

    public static Reply Begin(XapiHost host, IReadOnlyDictionary<string, string> query, bool isRoot, string? transferEncoding, long? contentLength)
    {
        lock (host.Database.Gate)
        {
            if (!host.Sessions.TryFind(query, isRoot, out var session))
                return new Reply("401 Unauthorized");
            var task = query.TryGetValue("task_id", out var taskRef) ? host.Database.Find(taskRef) : TaskCalls.Create(host, session, "VDI.import", "");
            if (task is not { Class: "task" })
                return new Reply("400 Bad Request");
            if (transferEncoding is not null)
            {
                TaskCalls.Finish(host, task, null, new XapiFailure("INTERNAL_ERROR", $"import code cannot handle encoding: {transferEncoding}"));
                return new Reply("403 Forbidden");
            }
            if (!query.TryGetValue("vdi", out var vdiRef))
                return new Reply("400 Bad Request", LeavesOpen: true);
            try
            {
                if (host.Faults.TakeFailure("PUT import_raw_vdi") is { } ordered)
                    throw ordered;
                var fault = host.Faults.TakeUpload();
                if (fault is { Kind: XapiFaultPlan.UploadFaultKind.Redirect })
                    return new Reply("302 Found", fault.Detail!.Contains("://", StringComparison.Ordinal) ? fault.Detail : $"https://{fault.Detail}");
                var vdi = Find(host, vdiRef);
                if (AllowedOperations.IsAttached(host, vdi))
                    throw new XapiFailure("VDI_IN_USE", vdi.Ref, "import_raw_vdi");
                if (query.GetValueOrDefault("format", "raw") != "raw")
                    throw new XapiFailure("INTERNAL_ERROR", "only format=raw is simulated");
                return new Reply("200 OK", Import: new RawImport(host, vdi, task, query.GetValueOrDefault("chunked", "") == "true", contentLength, fault));
            }
            catch (XapiFailure failure)
            {
                TaskCalls.Finish(host, task, null, failure);
                return new Reply("500 Internal Server Error");
            }
        }
    }

    /// <summary>Receives the data. Never throws: a failure is in the task, and the caller closes the connection.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="isBroken">Whether the connection is broken; a reader that doesn't wait can't see that.</param>
    /// <param name="cancellation">The end of the connection or the host.</param>
    public async Task ReceiveAsync(Stream body, Func<bool> isBroken, CancellationToken cancellation)
    {
        _isBroken = isBroken;
        var held = new HeldDisk(_host, _vdi, "RW");
        XapiFailure? failure = null;
        try
        {
            using var open = await _host.Transfers.OpenAsync(_vdi.Text("name_label"), cancellation);
            if (_isSparse)
                await ReadFramesAsync(body, cancellation);
            else
                await ReadPlainAsync(body, cancellation);
        }
        catch (XapiFailure e)
        {
            failure = e;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            failure = new XapiFailure("INTERNAL_ERROR", "End_of_file");
        }
        TaskCalls.Finish(_host, _task, null, failure);
        _ = held.ReleaseAsync();
    }

    /// <summary>The VDI of a reference or a uuid: xapi takes both here.</summary>
    public static XapiObject Find(XapiHost host, string reference)
    {
        foreach (var vdi in host.Database.All("VDI"))
        {
            if (vdi.Ref == reference || vdi.Uuid == reference)
                return vdi;
        }
        throw new XapiFailure("HANDLE_INVALID", "VDI", reference);
    }

    private async Task ReadFramesAsync(Stream body, CancellationToken cancellation)
    {
        var header = new byte[FrameHeader];
        var data = Array.Empty<byte>();
        while (true)
        {
            await ReadAsync(body, header, FrameHeader, cancellation);
            var offset = BinaryPrimitives.ReadInt64LittleEndian(header);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8));
            if (offset == 0 && length == 0)
                return;
            if (offset < 0 || length <= 0 || offset + length > _vdi.Number("virtual_size"))
                throw new XapiFailure("VDI_IO_ERROR", $"a frame of {length} bytes at {offset} lies outside of the disk");
            if (data.Length < length)
                data = new byte[length];
            await ReadAsync(body, data, length, cancellation);
            _host.Files.Write(_vdi.Uuid, offset, data.AsSpan(0, length));
        }
    }

    private async Task ReadPlainAsync(Stream body, CancellationToken cancellation)
    {
        if (_contentLength is not { } left)
            throw new XapiFailure("INTERNAL_ERROR", "no Content-Length");
        if (left > _vdi.Number("virtual_size"))
            throw new XapiFailure("VDI_IO_ERROR", "the data is larger than the disk");
        var data = new byte[1 << 16];
        for (long offset = 0; left > 0;)
        {
            var count = (int)Math.Min(left, data.Length);
            await ReadAsync(body, data, count, cancellation);
            _host.Files.Write(_vdi.Uuid, offset, data.AsSpan(0, count));
            offset += count;
            left -= count;
        }
    }

    private async Task ReadAsync(Stream body, byte[] target, int count, CancellationToken cancellation)
    {
        for (var done = 0; done < count;)
        {
            var most = count - done;
            if (_fault is not null)
            {
                if (_received >= _fault.AtByte)
                    await StrikeAsync(cancellation);
                most = (int)Math.Min(most, _fault.AtByte - _received);
            }
            var read = await body.ReadAsync(target.AsMemory(done, most), cancellation);
            if (read == 0)
                throw new EndOfStreamException();
            done += read;
            _received += read;
            Count(_host, read);
            if (_host.Faults.BytesPerSecond is { } rate)
            {
                var ahead = TimeSpan.FromSeconds((double)_received / rate) - _clock.Elapsed;
                if (ahead > TimeSpan.FromMilliseconds(20))
                    await Task.Delay(ahead, cancellation);
            }
        }
    }

    private async Task StrikeAsync(CancellationToken cancellation)
    {
        switch (_fault!.Kind)
        {
            case XapiFaultPlan.UploadFaultKind.Cut:
                throw new EndOfStreamException();
            case XapiFaultPlan.UploadFaultKind.Fail:
                throw new XapiFailure(_fault.Detail, "Device I/O errors");
            default:
                // Only the end of the connection ends this; task.cancel does not.
                while (!_isBroken())
                    await Task.Delay(20, cancellation);
                throw new EndOfStreamException();
        }
    }
}

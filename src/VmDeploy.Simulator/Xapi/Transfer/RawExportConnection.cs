using System.Text;
using Microsoft.AspNetCore.Connections;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// GET /export_raw_vdi: 200 is sent before the disk is opened, the body has no length and ends with the connection, and what goes
/// wrong later is written into the body as another response. Only the task and the size show the result.
/// </summary>
internal static class RawExportConnection
{
    private const string Request = "GET export_raw_vdi";

    public static async Task AnswerAsync(XapiSimulator simulator, ConnectionContext connection, RawRequest request)
    {
        var (host, query) = (simulator.Host, request.Query);
        simulator.Record(new RecordedCall(Request, [query.Where(q => q.Key != "session_id").ToDictionary(q => q.Key, q => (object)q.Value)]));
        var strike = simulator.RequestFaults.Take(Request);
        if (strike == RequestFault.LateRequest)
            await Task.Delay(simulator.RequestFaults.Delay);
        if (strike == RequestFault.CutBeforeRequest)
            return;
        var refusal = strike switch
        {
            RequestFault.Refused => "403 Forbidden",
            RequestFault.Status500 => "500 Internal Server Error",
            RequestFault.Status503 or RequestFault.Status503AfterRequest => "503 Service Unavailable",
            _ => null,
        };
        XapiObject? session = null, task = null;
        if (refusal is null)
        {
            lock (host.Database.Gate)
            {
                if (!host.Sessions.TryFind(query, RootSocket.Is(connection.Features), out session))
                    refusal = "401 Unauthorized";
                else if (!query.TryGetValue("vdi", out _))
                    refusal = "500 Internal Server Error";
                else if (query.GetValueOrDefault("format", "raw") != "raw")
                    refusal = "404 Not Found";
                else
                    task = query.TryGetValue("task_id", out var given) ? host.Database.Find(given) : TaskCalls.Create(host, session, "VDI.export", "");
            }
        }
        if (refusal is not null || task is not { Class: "task" })
        {
            await WriteAsync(connection, $"HTTP/1.1 {refusal ?? "400 Bad Request"}\r\nConnection: close\r\n\r\n");
            return;
        }
        if (strike == RequestFault.LateReply)
            await Task.Delay(simulator.RequestFaults.Delay);
        if (strike is RequestFault.CutBeforeReply or RequestFault.Outage)
        {
            TaskCalls.Finish(host, task, null, new XapiFailure("INTERNAL_ERROR", "Unix.Unix_error(Unix.EPIPE, \"write\", \"\")"));
            return;
        }
        await WriteAsync(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nCache-Control: no-cache, no-store\r\nContent-Type: application/octet-stream\r\n\r\n");
        HeldDisk? held = null;
        try
        {
            if (host.Faults.TakeFailure(Request) is { } ordered)
                throw ordered;
            string path, name;
            lock (host.Database.Gate)
            {
                var vdi = RawImport.Find(host, query["vdi"]);
                // What is attached read-only, as ISOs are, can be attached once more.
                if (vdi.Refs("VBDs").Select(host.Database.Find).Any(vbd => vbd is not null && vbd.Flag("currently_attached") && vbd.Text("mode") == "RW"))
                    throw new XapiFailure("VDI_IN_USE", vdi.Ref, "export_raw_vdi");
                (path, name) = (host.Files.PathOf(vdi.Uuid), vdi.Text("name_label"));
                held = new HeldDisk(host, vdi, "RO");
            }
            using var open = await host.Transfers.OpenAsync(name, connection.ConnectionClosed);
            await using var disk = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: true);
            var cut = strike == RequestFault.CutInReply ? disk.Length / 2 : host.Faults.TakeDownloadCut();
            var left = Math.Min(cut ?? disk.Length, disk.Length);
            var block = new byte[1 << 16];
            while (left > 0)
            {
                var read = await disk.ReadAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)), connection.ConnectionClosed);
                left -= read;
                if ((await connection.Transport.Output.WriteAsync(block.AsMemory(0, read), connection.ConnectionClosed)).IsCompleted)
                    throw new IOException("the client has gone");
            }
            if (cut is not null)
                throw new IOException("cut by order");
            await held.ReleaseAsync();
            held = null;
            TaskCalls.Finish(host, task, null, null);
        }
        catch (XapiFailure failure)
        {
            TaskCalls.Finish(host, task, null, failure);
            await WriteAsync(connection, "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            TaskCalls.Finish(host, task, null, new XapiFailure("INTERNAL_ERROR", "Unix.Unix_error(Unix.EPIPE, \"write\", \"\")"));
        }
        finally
        {
            _ = held?.ReleaseAsync();
        }
    }

    private static async Task WriteAsync(ConnectionContext connection, string text) =>
        await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(text));
}

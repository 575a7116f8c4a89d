using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// Takes connections that begin with an import out of Kestrel's hands: it knows no request whose body has neither a length
/// nor chunks, which is how sparse data comes.
/// </summary>
internal static class RawImportConnection
{
    private const int MaxHead = 16 * 1024;

    private static readonly byte[] s_start = "PUT /import_raw_vdi"u8.ToArray();

    public static async Task RunAsync(XapiSimulator simulator, ConnectionContext connection, ConnectionDelegate next)
    {
        if (await IsImportAsync(connection))
            await AnswerAsync(simulator, connection);
        else
            await next(connection);
    }

    private static async Task<bool> IsImportAsync(ConnectionContext connection)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(connection.ConnectionClosed);
            var head = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, s_start.Length)).ToArray();
            var matches = head.AsSpan().SequenceEqual(s_start.AsSpan(0, head.Length));
            var isDecided = !matches || head.Length == s_start.Length || read.IsCompleted;
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
                return matches && head.Length == s_start.Length;
        }
    }

    private static async Task AnswerAsync(XapiSimulator simulator, ConnectionContext connection)
    {
        var head = await ReadHeadAsync(connection.Transport.Input);
        if (head is null)
            return;
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var target = lines[0].Split(' ')[1];
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Where(h => h.Length == 2)
            .ToDictionary(h => h[0].Trim(), h => h[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var query = target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=', 2)).Where(p => p.Length == 2)
            .ToDictionary(p => Uri.UnescapeDataString(p[0]), p => Uri.UnescapeDataString(p[1]));
        simulator.Record(new RecordedCall("PUT import_raw_vdi", [query.Where(q => q.Key != "session_id").ToDictionary(q => q.Key, q => (object)q.Value)]));

        using var working = simulator.RequestFaults.Work();
        var fault = simulator.RequestFaults.Take("PUT import_raw_vdi");
        if (fault == RequestFault.LateRequest)
            await simulator.RequestFaults.HoldAsync("", "", connection.ConnectionClosed);
        var status = fault switch
        {
            RequestFault.Refused => "403 Forbidden",
            RequestFault.Status500 => "500 Internal Server Error",
            RequestFault.Status503 or RequestFault.Status503AfterRequest => "503 Service Unavailable",
            _ => "",
        };
        if (status.Length > 0)
            await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n"));
        if (status.Length > 0 || fault == RequestFault.CutBeforeRequest)
            return;

        var reply = RawImport.Begin(simulator.Host, query, headers.GetValueOrDefault("Transfer-Encoding"),
            headers.TryGetValue("Content-Length", out var length) ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : null);
        if (fault == RequestFault.LateReply)
            await simulator.RequestFaults.HoldAsync("", "", connection.ConnectionClosed);
        if (fault is RequestFault.CutBeforeReply or RequestFault.CutInReply or RequestFault.Outage)
        {
            if (fault == RequestFault.CutInReply)
                await connection.Transport.Output.WriteAsync("HTTP/1.1 2"u8.ToArray());
            // The task learns of the end of a body that never came.
            if (reply.Import is not null)
                await reply.Import.ReceiveAsync(System.IO.Stream.Null, () => true, CancellationToken.None);
            return;
        }
        var location = reply.Location is null ? "" : $"Location: {reply.Location}{target}\r\n";
        await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 {reply.Status}\r\nConnection: close\r\nCache-Control: no-cache, no-store\r\n{location}\r\n"));
        if (reply.LeavesOpen)
            await WaitForCloseAsync(connection);
        if (reply.Import is null)
            return;

        using var gone = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, simulator.Host.Stopped);
        await using var body = connection.Transport.Input.AsStream(leaveOpen: true);
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        await reply.Import.ReceiveAsync(body, () => socket?.Poll(0, SelectMode.SelectError) == true, gone.Token);
    }

    private static async Task<string?> ReadHeadAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var bytes = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MaxHead)).ToArray();
            var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                input.AdvanceTo(read.Buffer.GetPosition(end + 4));
                return Encoding.ASCII.GetString(bytes, 0, end);
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || bytes.Length == MaxHead)
                return null;
        }
    }

    private static async Task WaitForCloseAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task;
    }
}

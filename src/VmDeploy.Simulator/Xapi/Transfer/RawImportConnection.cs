using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// An import whose body has neither a length nor chunks, which is how sparse data comes.
/// </summary>
internal static class RawImportConnection
{
    public static async Task AnswerAsync(XapiSimulator simulator, ConnectionContext connection, RawRequest request)
    {
        var (target, query, headers) = (request.Target, request.Query, request.Headers);
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

        var reply = RawImport.Begin(simulator.Host, query, RootSocket.Is(connection.Features), headers.GetValueOrDefault("Transfer-Encoding"),
            headers.TryGetValue("Content-Length", out var length) ? long.Parse(length, System.Globalization.CultureInfo.InvariantCulture) : null);
        if (fault == RequestFault.LateReply)
            await simulator.RequestFaults.HoldAsync("", "", connection.ConnectionClosed);
        if (fault is RequestFault.CutBeforeReply or RequestFault.CutInReply or RequestFault.Outage)
        {
            if (fault == RequestFault.CutInReply)
                await connection.Transport.Output.WriteAsync("HTTP/1.1 2"u8.ToArray());
            // The task fails if the body never came.
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

    private static async Task WaitForCloseAsync(ConnectionContext connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task;
    }
}

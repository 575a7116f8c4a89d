using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// Handles connections that begin with a transfer of a disk instead of Kestrel, which does not know bodies that have neither a length
/// nor chunks and end with the connection.
/// </summary>
internal static class RawConnection
{
    private const int MaxHead = 16 * 1024;

    private static readonly (byte[] Start, Func<XapiSimulator, ConnectionContext, RawRequest, Task> Answer)[] s_kinds =
    [
        ("PUT /import_raw_vdi"u8.ToArray(), RawImportConnection.AnswerAsync),
        ("GET /export_raw_vdi"u8.ToArray(), RawExportConnection.AnswerAsync),
    ];

    public static async Task RunAsync(XapiSimulator simulator, ConnectionContext connection, ConnectionDelegate next)
    {
        if (await RecogniseAsync(connection) is not { } answer)
            await next(connection);
        else if (await ReadHeadAsync(connection.Transport.Input) is { } head)
            await answer(simulator, connection, RawRequest.Parse(head));
    }

    private static async Task<Func<XapiSimulator, ConnectionContext, RawRequest, Task>?> RecogniseAsync(ConnectionContext connection)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(connection.ConnectionClosed);
            var length = s_kinds.Max(kind => kind.Start.Length);
            var head = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, length)).ToArray();
            var possible = Array.FindAll(s_kinds, kind => head.AsSpan().StartsWith(kind.Start.AsSpan(0, Math.Min(head.Length, kind.Start.Length))));
            var isDecided = possible.Length == 0 || head.Length >= length || read.IsCompleted;
            connection.Transport.Input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
            if (isDecided)
                return possible.Length == 1 && head.Length >= possible[0].Start.Length ? possible[0].Answer : null;
        }
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

}

using System.Text;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>
/// A connection for one disk, whose body has no length: HttpClient sends such a body in chunks only, which xapi refuses. xapi
/// also answers before it reads, so that a redirect or a refusal is known before the first byte of a disk is sent.
/// </summary>
internal sealed class RawConnection(Connector connector, Uri address, HostConnection connection, ResponseHead answer) : IDisposable
{
    public ResponseHead Answer { get; } = answer;
    public Stream Body => connection.Stream;

    public static async Task<RawConnection> OpenAsync(
        Uri address, string method, string pathAndQuery, Connector connector, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        HostConnection? connection = null;
        try
        {
            connection = await connector.OpenAsync(address, limit.Token);
            using (limit.Token.Register(connection.Abort))
            {
                var head = Encoding.ASCII.GetBytes($"{method} {pathAndQuery} HTTP/1.0\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n");
                await connection.Stream.WriteAsync(head, 0, head.Length, limit.Token);
                return new RawConnection(connector, address, connection, await ResponseHead.ReadAsync(connection.Stream));
            }
        }
        catch (Exception e)
        {
            connection?.Abort();
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested)
                throw new VmDeployException(ErrorCodes.HostTimeout, $"{address.Authority} did not answer within {timeout.TotalSeconds:0} seconds.", address.Authority, e);
            throw await connector.ExplainAsync(address, connection?.Route, e);
        }
    }

    public void Abort() => connection.Abort();

    public Task<VmDeployException> ExplainAsync(Exception failure) => connector.ExplainAsync(address, connection.Route, failure);

    public void Dispose() => connection.Dispose();
}

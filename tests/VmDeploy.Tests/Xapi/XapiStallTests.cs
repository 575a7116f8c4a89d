using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>A connection that is broken for one side only: the host still waits for an upload that its client has given up.</summary>
public sealed class XapiStallTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_that_falls_silent_half_way_ends_and_leaves_nothing_or_names_it(bool isNoticed)
    {
        await using var simulator = await XapiSimulator.StartAsync();
        await using var line = new SilentLine(simulator.HttpPort, isNoticed);
        var options = SimulatedXenServer.OptionsOf(simulator) with { Port = line.Port, UseTls = false, CertificateThumbprint = null, Timeout = TimeSpan.FromSeconds(3) };
        options = options with { Retries = options.Retries with { TaskPatience = TimeSpan.FromSeconds(5) } };
        using var session = await XapiSession.ConnectAsync(options, NullLogger.Instance, CancellationToken.None);
        var before = simulator.Inventory();
        var file = _folder.Write("big.iso", DiskImages.Mixed(3 << 20, 6));
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() =>
            session.DatastoreFiles.SendAsync(new SendFileRequest(file, null), new SimulatedXenServer.Quiet(), CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(4)));

        Assert.Equal("HostTimeout", error.Code.Id);
        Assert.Empty(session.Unfinished.Items);
        if (isNoticed)
            Assert.Equal(before, simulator.Inventory());
        else
            Assert.Contains("Not rolled back: disk '", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Forwards everything, but only the start of an upload; the host notices its end a second later, or never.</summary>
    private sealed class SilentLine : IAsyncDisposable
    {
        private const int Passed = 100_000;

        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly int _behind;
        private readonly bool _isNoticed;

        public SilentLine(int behind, bool isNoticed)
        {
            _behind = behind;
            _isNoticed = isNoticed;
            _listener.Start();
            _ = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var owned = client;
            using var server = new TcpClient();
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _behind, _stop.Token);
                _ = server.GetStream().CopyToAsync(client.GetStream(), _stop.Token).ContinueWith(_ => client.Close(), TaskScheduler.Default);
                var buffer = new byte[16 * 1024];
                var isUpload = false;
                for (var passed = 0; await client.GetStream().ReadAsync(buffer, _stop.Token) is var read and > 0; passed += read)
                {
                    isUpload |= passed == 0 && buffer[0] == 'P' && buffer[1] == 'U';
                    if (!isUpload || passed < Passed)
                        await server.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
                    else
                        await SilenceAsync(client);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
            {
            }
        }

        private async Task SilenceAsync(TcpClient client)
        {
            // The end of the client is an error or a close, which only the proxy sees.
            while (!client.Client.Poll(0, SelectMode.SelectError) && !(client.Client.Poll(0, SelectMode.SelectRead) && client.Available == 0))
                await Task.Delay(50, _stop.Token);
            await Task.Delay(_isNoticed ? TimeSpan.FromSeconds(1) : Timeout.InfiniteTimeSpan, _stop.Token);
            throw new IOException("The line is dead.");
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace VmDeploy.Tests.Support;

/// <summary>A port of this computer that refuses connections, and that no other program can take meanwhile.</summary>
internal sealed class ClosedPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ClosedPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>From now on it takes connections.</summary>
    public Socket Listen()
    {
        _socket.Listen();
        return _socket;
    }

    public void Dispose() => _socket.Dispose();
}

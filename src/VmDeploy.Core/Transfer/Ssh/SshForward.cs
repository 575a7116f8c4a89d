using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace VmDeploy.Transfer;

/// <summary>An ssh process that forwards one loopback port or private socket of this computer. It ends with this object or with our process; on Windows only if our process exits normally.</summary>
internal sealed class SshForward : IDisposable
{
    private const int Attempts = 3;
    private const int MaxWords = 20;
    private const string Script = "trap '' INT QUIT; exec 3<&0; { read -r _ <&3 || kill $$; } >/dev/null 2>&1 & exec \\\"$0\\\" \\\"$@\\\" </dev/null 3<&-";

    // Log lines of ssh at this level that are not errors.
    private static readonly string[] s_logPrefixes = ["debug1: ", "OpenSSH_", "Authenticated to ", "Transferred: ", "Bytes per second: "];
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(500);

    private readonly Process _process;
    private readonly string _listening;
    private StreamWriter? _lifeline;
    private readonly Queue<string> _words = new();
    private int _heard;
    private bool _isForwarding;
    private bool _isBinding;
    private bool _isListening;
    private volatile bool _isTaken;
    private readonly TaskCompletionSource<bool> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly PrivateSocket? _socket;
    private readonly bool _isExclusive;
    private int _connections;
    private int _ours;
    private volatile bool _isIntruded;

    private SshForward(ProcessStartInfo start, int port, PrivateSocket? socket, bool isExclusive)
    {
        Port = port;
        _socket = socket;
        _isExclusive = isExclusive;
        _listening = socket is null ? $"debug1: Local forwarding listening on 127.0.0.1 port {port}." : $"debug1: Local forwarding listening on path {socket.Path}.";
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        // A child of ssh (a proxy command) may hold stderr open after ssh has ended.
        _process.Exited += (_, _) =>
        {
            ReleaseLifeline();
            Task.Delay(s_lastWords).ContinueWith(_ => Hear(null), TaskScheduler.Default);
        };
    }

    public int Port { get; }

    /// <summary>The private socket; null where the local end is <see cref="Port"/>.</summary>
    public string? LocalPath => _socket?.Path;

    /// <summary>How many connections ssh has taken so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Another program connected to a forward that is for this object's connections only; it was closed at once.</summary>
    public bool IsIntruded => _isIntruded;

    /// <summary>How many error lines ssh has written so far.</summary>
    public int Heard
    {
        get
        {
            lock (_words)
                return _heard;
        }
    }

    public bool IsOver => _over.Task.IsCompleted || _process.HasExited;

    /// <summary>Starts ssh with a forward to a host and port as the SSH host sees them; returns when the local port is open.</summary>
    /// <exception cref="VmDeployException"><c>SshNotFound</c> or <c>SshFailed</c>.</exception>
    public static Task<SshForward> OpenAsync(
        SshDestination via, string program, string host, int port, TimeSpan timeout, CancellationToken cancellationToken) =>
        OpenAsync(via, program, $"{(host.Contains(":") ? $"[{host}]" : host)}:{port}", isPrivate: false, timeout, cancellationToken);

    /// <summary>
    /// Starts ssh with a forward to a Unix socket of the SSH host. The local end is a socket that no other user can open; where
    /// this computer has none, a loopback port, which the caller closes as soon as possible.
    /// </summary>
    /// <exception cref="VmDeployException"><c>SshNotFound</c> or <c>SshFailed</c>.</exception>
    public static Task<SshForward> OpenToSocketAsync(
        SshDestination via, string program, string remotePath, TimeSpan timeout, CancellationToken cancellationToken) =>
        OpenAsync(via, program, remotePath, isPrivate: true, timeout, cancellationToken);

    /// <summary>Connects to the local end.</summary>
    public Task<HostConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _ours);
        return _socket is null
            ? HostConnection.ConnectAsync("127.0.0.1", Port, cancellationToken)
            : HostConnection.ConnectAsync(_socket.EndPoint, cancellationToken);
    }

    private static async Task<SshForward> OpenAsync(
        SshDestination via, string program, string target, bool isPrivate, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var path = Find(program);
        for (var attempt = 1; ; attempt++)
        {
            var socket = isPrivate ? PrivateSocket.TryCreate() : null;
            var port = socket is null ? FreePort() : 0;
            var forward = new SshForward(StartInfo(path, Arguments(via, socket?.Path ?? $"127.0.0.1:{port}", target, timeout)), port, socket, isPrivate);
            try
            {
                forward.Start(path);
                // ssh's own limit does not cover a host that stops to answer during the key exchange or the authentication.
                using (cancellationToken.Register(forward.Kill))
                using (var limit = new CancellationTokenSource())
                {
                    await Task.WhenAny(forward._open.Task, forward._over.Task, Task.Delay(timeout, limit.Token));
                    limit.Cancel();
                }
                cancellationToken.ThrowIfCancellationRequested();
                if (!forward._open.Task.IsCompleted && !forward.IsOver)
                    throw new VmDeployException(ErrorCodes.HostTimeout, $"ssh to {via} did not log in within {timeout.TotalSeconds:0} seconds.", via.ToString());
                if (!forward.IsOver)
                    return forward;
                var words = forward.WordsSince(0);
                if (attempt == Attempts || !forward._isTaken)
                    throw new VmDeployException(ErrorCodes.SshFailed, $"ssh to {via} failed: {words}", via.ToString());
            }
            catch
            {
                forward.Dispose();
                throw;
            }
            forward.Dispose();
        }
    }

    /// <summary>Waits briefly for ssh's message about a broken connection, which arrives separately on stderr.</summary>
    public Task LastWordsAsync() => Task.WhenAny(_over.Task, Task.Delay(s_lastWords));

    /// <summary>What ssh has written after this number of lines, as far as it is kept.</summary>
    public string WordsSince(int heard)
    {
        lock (_words)
        {
            var words = string.Join(Environment.NewLine, _words.Skip(_words.Count - (_heard - heard)));
            return words.Length > 0 ? words : "it gave no reason";
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        Kill();
        ReleaseLifeline();
        _over.TrySetResult(true);
        _process.Dispose();
        _socket?.Dispose();
    }

    private void Start(string path)
    {
        try
        {
            // The reader of its output must not keep the caller's execution context (its pipeline) for the life of the session.
            using (ExecutionContext.SuppressFlow())
            {
                _process.Start();
                _process.BeginErrorReadLine();
                _process.BeginOutputReadLine();
            }
        }
        catch (Win32Exception e)
        {
            throw new VmDeployException(ErrorCodes.SshNotFound, $"'{path}' can't be started: {e.Message}", path, e);
        }
        if (Path.DirectorySeparatorChar == '/')
            _lifeline = _process.StandardInput;
        else
            _process.StandardInput.Close();
        AppDomain.CurrentDomain.ProcessExit += OnProcessExit;
    }

    private void OnProcessExit(object? sender, EventArgs e) => Kill();

    private void Kill()
    {
        try
        {
            _process.Kill();
            _process.WaitForExit((int)s_lastWords.TotalMilliseconds);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has already ended, or was never started.
        }
    }

    // The watching shell must not kill ssh any more, whose process id may be reused.
    private void ReleaseLifeline()
    {
        try
        {
            _lifeline?.WriteLine();
            _lifeline?.Dispose();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The shell has ended, or is already ending.
        }
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _over.TrySetResult(true);
        }
        else if (line == _listening)
        {
            // ssh says so of a port before it tries to bind it, and of a path afterwards.
            _isBinding = _socket is null;
            _isListening = _socket is not null;
        }
        else if (line.StartsWith("debug1: channel ", StringComparison.Ordinal) && line.Contains("[port listener]"))
        {
            // Forwards of the user's configuration, which follow, have such lines too.
            _isListening |= _isBinding;
            _isBinding = false;
        }
        else if (line.StartsWith("debug1: Local connections to ", StringComparison.Ordinal))
        {
            _isForwarding = true;
            _isBinding = false;
        }
        else if (line.StartsWith("debug1: Connection to port ", StringComparison.Ordinal))
        {
            // Whoever reaches xapi's socket is root of the host.
            if (Interlocked.Increment(ref _connections) > Volatile.Read(ref _ours) && _isExclusive)
            {
                _isIntruded = true;
                Kill();
            }
        }
        else if (line == "debug1: Entering interactive session." && _isForwarding)
        {
            // An ssh to a jump host, which forwards no port and writes to the same stderr, says so before.
            if (_isListening)
            {
                _open.TrySetResult(true);
            }
            else
            {
                // Another process has taken the free port.
                _isTaken = true;
                Kill();
            }
        }
        else if (line.Trim().Length > 0 && !s_logPrefixes.Any(c => line.StartsWith(c, StringComparison.Ordinal)))
        {
            lock (_words)
            {
                _heard++;
                _words.Enqueue(line.TrimEnd());
                if (_words.Count > MaxWords)
                    _words.Dequeue();
            }
        }
    }

    // ssh checks host keys itself and must not prompt. A shared connection (ControlPath) would keep the port open after us.
    // Other forwards of the user's configuration may fail if another ssh has their ports.
    private static string Arguments(SshDestination via, string local, string target, TimeSpan timeout)
    {
        var seconds = Math.Max(1, (int)timeout.TotalSeconds / 2).ToString(CultureInfo.InvariantCulture);
        return "-v -N -T -o BatchMode=yes -o ExitOnForwardFailure=no -o ClearAllForwardings=no -o ControlPath=none -o ServerAliveInterval=15"
            + $" -o ConnectTimeout={seconds} -L {local}:{target}"
            + (via.Port is null ? "" : $" -p {via.Port}") + $" {via.Login}";
    }

    // Ctrl+C in a terminal goes to all its processes, but the clean-up still needs the tunnel. The shell therefore ignores
    // SIGINT, and ssh, which replaces it, inherits that; on Windows ssh has its own console. A second shell kills ssh when
    // our process ends in any way, because the system then closes its pipe.
    private static ProcessStartInfo StartInfo(string path, string arguments) => new()
    {
        FileName = Path.DirectorySeparatorChar == '/' ? "/bin/sh" : path,
        Arguments = Path.DirectorySeparatorChar == '/' ? $"-c \"{Script}\" \"{path}\" {arguments}" : arguments,
        UseShellExecute = false,
        CreateNoWindow = true,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    // Not left to the system: Windows would look in the current folder first.
    private static string Find(string program)
    {
        if (Path.IsPathRooted(program) && File.Exists(program))
            return program;
        var file = Path.DirectorySeparatorChar == '/' ? program : program + ".exe";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries)
            // 32-bit processes see System32, which contains ssh, only as Sysnative.
            .Append(Path.Combine(Environment.GetEnvironmentVariable("windir") ?? "", "Sysnative", "OpenSSH"))
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists)
            ?? throw new VmDeployException(ErrorCodes.SshNotFound, $"'{file}' not found on the PATH.", program);
    }

    private static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        try
        {
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        finally
        {
            listener.Stop();
        }
    }
}

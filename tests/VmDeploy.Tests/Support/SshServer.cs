using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using VmDeploy.Transfer;

namespace VmDeploy.Tests.Support;

/// <summary>
/// A real sshd on loopback with its own keys, run as the current user, and an ssh client that knows only this server. The
/// client calls it <see cref="Alias"/>, a name that exists nowhere else: a connection to it goes through ssh.
/// </summary>
internal sealed class SshServer : IAsyncDisposable
{
    public const string Alias = "inner-host";

    // sshd needs it when it runs as root; a system that does not start sshd at boot doesn't have it.
    private const string SeparationFolder = "/run/sshd";

    private readonly TempFolder _folder = new();
    private Process? _sshd;

    private SshServer()
    {
    }

    public int Port { get; private set; }

    /// <summary>The ssh client.</summary>
    public string Program => _folder["ssh"];

    /// <summary>Every ssh process that was started, the oldest first.</summary>
    public IReadOnlyList<int> Started => Commands.Select(command => int.Parse(command.Split(' ')[0], CultureInfo.InvariantCulture)).ToList();

    /// <summary>What they were called with, after the process id.</summary>
    public IReadOnlyList<string> Commands => File.Exists(_folder["pids"]) ? File.ReadAllLines(_folder["pids"]) : [];

    /// <summary>The running ones.</summary>
    public IReadOnlyList<int> Running => Started.Where(pid => Directory.Exists($"/proc/{pid}")).ToList();

    public static async Task<SshServer> StartAsync()
    {
        Requires.That(OperatingSystem.IsLinux(), "Linux", "run the tests on Linux or in WSL");
        var (sshd, ssh, keygen) = (Requires.Tool("sshd"), Requires.Tool("ssh"), Requires.Tool("ssh-keygen"));
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory(SeparationFolder);
        var server = new SshServer();
        foreach (var key in new[] { "host", "user", "other" })
            await Shell.RunAsync(keygen, "-q", "-t", "ed25519", "-N", "", "-f", server._folder[key]);
        await server.ListenAsync(sshd);
        server.ConfigureClient(ssh);
        return server;
    }

    /// <summary>Options for a connection through it to a host that listens on this machine.</summary>
    public ConnectOptions Via(ConnectOptions options) => options with
    {
        Server = Alias,
        ViaSsh = SshDestination.Parse($"{Environment.UserName}@{Alias}"),
        SshProgram = Program,
    };

    /// <summary>From now on the client expects another host key.</summary>
    public void ForgeHostKey() => Trust("other");

    /// <summary>From now on the client logs in with a key that the server does not know.</summary>
    public void ForgetUserKey() => File.Copy(_folder["other"], _folder["user"], overwrite: true);

    /// <summary>Accepts no more connections; open ones remain open.</summary>
    public async Task StopListeningAsync()
    {
        _sshd!.Kill();
        await _sshd.WaitForExitAsync();
    }

    /// <summary>Waits until no ssh client is left.</summary>
    public async Task EndedAsync() => await Shell.UntilAsync(() => Running.Count == 0, "every ssh has ended");

    /// <summary>Adds a line to the configuration of the client.</summary>
    public void Configure(string line) => File.AppendAllText(_folder["config"], line + "\n");

    /// <summary>Delays every ssh that is started, until the result is disposed.</summary>
    public IDisposable Hold()
    {
        File.WriteAllText(_folder["held"], "");
        return new Held(_folder["held"]);
    }

    /// <summary>Ends every ssh client, as a failing network would.</summary>
    public void BreakTunnels()
    {
        foreach (var pid in Running)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It has just ended.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        BreakTunnels();
        await StopListeningAsync();
        _sshd!.Dispose();
        _folder.Dispose();
    }

    private async Task ListenAsync(string sshd)
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        File.WriteAllText(_folder["sshd_config"], $"""
            ListenAddress 127.0.0.1:{Port}
            HostKey {_folder["host"]}
            AuthorizedKeysFile {_folder["user.pub"]}
            StrictModes no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PidFile none

            """);
        var start = new ProcessStartInfo(sshd) { RedirectStandardError = true, ArgumentList = { "-D", "-e", "-f", _folder["sshd_config"] } };
        _sshd = Process.Start(start)!;
        var isListening = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var words = new List<string?>();
        _sshd.ErrorDataReceived += (_, line) =>
        {
            lock (words)
                words.Add(line.Data);
            if (line.Data is null)
                isListening.TrySetResult(false);
            else if (line.Data.StartsWith("Server listening on", StringComparison.Ordinal))
                isListening.TrySetResult(true);
        };
        _sshd.BeginErrorReadLine();
        if (!await isListening.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None))
            throw new InvalidOperationException($"sshd: {string.Join('\n', words)}");
    }

    private void ConfigureClient(string ssh)
    {
        File.WriteAllText(_folder["config"], $"""
            Host {Alias}
                HostName 127.0.0.1
                Port {Port}
            Host *
                IdentityFile {_folder["user"]}
                IdentitiesOnly yes
                IdentityAgent none
                UserKnownHostsFile {_folder["known_hosts"]}
                GlobalKnownHostsFile /dev/null

            """);
        // Records the process id, and executes ssh.
        File.WriteAllText(Program, $"""
            #!/bin/sh
            echo "$$ $(date +%T.%N) $*" >> '{_folder["pids"]}'
            while [ -e '{_folder["held"]}' ]; do sleep 0.05; done
            exec '{ssh}' -F '{_folder["config"]}' "$@"

            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Trust("host");
    }

    private sealed class Held(string file) : IDisposable
    {
        public void Dispose() => File.Delete(file);
    }

    private void Trust(string key) =>
        File.WriteAllText(_folder["known_hosts"], $"[127.0.0.1]:{Port} {File.ReadAllText(_folder[key + ".pub"])}");
}

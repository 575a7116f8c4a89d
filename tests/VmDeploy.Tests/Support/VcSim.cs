using System.Diagnostics;
using System.Net;
using System.Text;

namespace VmDeploy.Tests.Support;

/// <summary>A running vcsim (tests/vcsim) on its own port.</summary>
internal sealed class VcSim : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private VcSim(Process process) => _process = process;

    /// <summary>Its /sdk.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>How to connect to it. It takes any user name and password.</summary>
    public ConnectOptions Options => new(Url.Host, new NetworkCredential("user", "pass"))
    {
        Port = Url.Port,
        UseTls = Url.Scheme == Uri.UriSchemeHttps,
        SkipCertificateCheck = true,
    };

    /// <summary>Its log so far: one line for each upload, for example.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>
    /// Starts it. Both kinds have the datacenter ha-datacenter, the host localhost.localdomain, the datastores datastore1
    /// and LocalDS_0 and the network VM Network.
    /// </summary>
    /// <param name="vcenter">A vCenter, not a standalone host.</param>
    /// <param name="tls">https with a self-signed certificate.</param>
    /// <param name="vms">VMs that exist from the start, all powered on.</param>
    /// <param name="datacenters">Datacenters of a vCenter: ha-datacenter, DC1, ..., each with a host and a cluster (DC1_C0).</param>
    /// <param name="pod">With a datastore cluster, pod1, of pod1-1 and pod1-2.</param>
    public static async Task<VcSim> StartAsync(bool vcenter = false, bool tls = true, int vms = 2, int datacenters = 1, bool pod = false)
    {
        var program = Repository.Path("tests/vcsim/bin/vcsim");
        Requires.That(File.Exists(program), "vcsim", "apt-get install golang-go golang-github-vmware-govmomi-dev && tests/vcsim/build.sh");
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { $"-vcenter={vcenter}", $"-tls={tls}", $"-vms={vms}", $"-datacenters={datacenters}", $"-pod={pod}" },
        };
        var vcsim = new VcSim(Process.Start(start)!);
        try
        {
            vcsim._process.ErrorDataReceived += vcsim.OnLog;
            vcsim._process.BeginErrorReadLine();
            using var limit = new CancellationTokenSource(s_patience);
            var url = await vcsim._process.StandardOutput.ReadLineAsync(limit.Token);
            vcsim.Url = new Uri(url ?? throw new InvalidOperationException($"vcsim ended at once: {vcsim.Log}"));
            return vcsim;
        }
        catch
        {
            await vcsim.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it: it stops when its standard input is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(s_patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.Dispose();
        }
    }

    private void OnLog(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}

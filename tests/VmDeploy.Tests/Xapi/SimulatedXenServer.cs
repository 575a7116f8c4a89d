using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Xapi;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>A simulated XenServer with a session, and its state at the start.</summary>
internal sealed class SimulatedXenServer : IAsyncDisposable
{
    public const string Network = "Pool-wide network associated with eth0";

    private readonly IReadOnlyList<string> _before;

    private SimulatedXenServer(XapiSimulator simulator, VmSession session)
    {
        Simulator = simulator;
        Session = session;
        _before = simulator.Inventory();
    }

    public XapiSimulator Simulator { get; }

    public VmSession Session { get; }

    /// <summary>The failures of the last run, by name.</summary>
    public Dictionary<string, VmDeployException> Failures { get; } = [];

    public static ConnectOptions OptionsOf(XapiSimulator simulator) => new(simulator.Server, new NetworkCredential(simulator.UserName, simulator.Password))
    {
        Port = simulator.HttpsPort,
        CertificateThumbprint = simulator.Thumbprint,
        Timeout = TimeSpan.FromSeconds(20),
        Retries = new(new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)), new(8, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50)))
        {
            BeforeSecondLook = () => Task.Delay(20),
        },
        WrapHandler = WireContract.Check,
    };

    public static async Task<SimulatedXenServer> StartAsync(XapiSimulatorOptions? options = null, TimeSpan? timeout = null, Func<ConnectOptions, ConnectOptions>? via = null, ILogger? log = null)
    {
        var simulator = await XapiSimulator.StartAsync(options);
        try
        {
            var connect = OptionsOf(simulator);
            connect = via?.Invoke(connect) ?? connect;
            return new SimulatedXenServer(simulator, await XapiSession.ConnectAsync(connect with { Timeout = timeout ?? connect.Timeout }, log ?? NullLogger.Instance, CancellationToken.None));
        }
        catch
        {
            await simulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>A VM of the simulator by its name.</summary>
    public SimulatedXapiVm this[string name] => Assert.Single(Simulator.Vms, vm => vm.Name == name);

    public async Task<Vm> FindAsync(string name) =>
        Assert.Single(await Session.GetVmsAsync(new VmQuery { NameFilter = n => n == name }, CancellationToken.None));

    public async Task<IReadOnlyList<Vm>> ImportAsync(OvaImportRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var package = await OvaPackage.OpenAsync(request.Path, cancellationToken);
        return await RunAsync(await Session.PlanOvaImportAsync(request, package, cancellationToken), progress, cancellationToken);
    }

    public async Task<IReadOnlyList<Vm>> RunAsync(IDeploymentPlan plan, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var vms = new List<Vm>();
        Failures.Clear();
        await plan.RunAsync(plan.Names, vms.Add, (name, e) => Failures.Add(name, e), progress ?? new Quiet(), cancellationToken);
        return vms;
    }

    /// <summary>Runs a plan that must succeed as a whole.</summary>
    public async Task<IReadOnlyList<Vm>> DeployAsync(Task<DeploymentPlan> plan)
    {
        var vms = await RunAsync(await plan);
        Assert.True(Failures.Count == 0, string.Join("\n", Failures.Values.Select(f => f.ToString())));
        return vms;
    }

    public void AssertNothingIsLeft() => Assert.Equal(_before, Simulator.Inventory());

    public async ValueTask DisposeAsync()
    {
        await Session.CloseAsync();
        Assert.Equal(0, Simulator.OpenSessions);
        await Simulator.DisposeAsync();
    }

    /// <summary>Asserts that a disk contains these bytes, and zeros after them.</summary>
    public static void AssertHolds(string path, byte[] expected)
    {
        var actual = File.ReadAllBytes(path);
        Assert.True(actual.Length >= expected.Length, $"{actual.Length} bytes of {expected.Length}");
        Assert.True(actual.AsSpan(0, expected.Length).SequenceEqual(expected), "the bytes differ");
        Assert.True(actual.AsSpan(expected.Length).IndexOfAnyExcept((byte)0) < 0, "there is something behind the data");
    }

    internal sealed class Quiet : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value)
        {
        }
    }
}

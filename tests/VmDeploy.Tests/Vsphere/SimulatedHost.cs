using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;

namespace VmDeploy.Tests.Vsphere;

/// <summary>A simulated host with a session, and its state at the start.</summary>
internal sealed class SimulatedHost : IAsyncDisposable
{
    private readonly string _before;

    private SimulatedHost(EsxiSimulator simulator, VmSession session)
    {
        Simulator = simulator;
        Session = session;
        _before = Picture();
    }

    public EsxiSimulator Simulator { get; }

    public VmSession Session { get; }

    /// <summary>The failures of the last run, by name.</summary>
    public Dictionary<string, VmDeployException> Failures { get; } = [];

    public static ConnectOptions OptionsOf(EsxiSimulator simulator, string? password = null) =>
        new(simulator.Server, new NetworkCredential(simulator.UserName, password ?? simulator.Password))
        {
            Port = simulator.HttpsPort,
            CertificateThumbprint = simulator.Thumbprint,
            Timeout = TimeSpan.FromSeconds(20),
            WrapHandler = WireContract.Check,
        };

    public static async Task<SimulatedHost> StartAsync(EsxiSimulatorOptions? options = null, Func<ConnectOptions, ConnectOptions>? via = null)
    {
        var simulator = await EsxiSimulator.StartAsync(options ?? new EsxiSimulatorOptions { VmCount = 1 });
        var connect = OptionsOf(simulator);
        return new SimulatedHost(simulator, await VsphereSession.ConnectAsync(via?.Invoke(connect) ?? connect, NullLogger.Instance, CancellationToken.None));
    }

    public static async Task<(IAsyncDisposable, ConnectOptions)> StartAsync(EsxiMode mode)
    {
        var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode, VmCount = 2 });
        return (simulator, OptionsOf(simulator));
    }

    /// <summary>Imports a package; failures of single VMs are kept in <see cref="Failures"/>.</summary>
    public async Task<IReadOnlyList<Vm>> ImportAsync(OvaImportRequest request, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        using var package = await OvaPackage.OpenAsync(request.Path, cancellationToken);
        var plan = await Session.PlanOvaImportAsync(request with { Datastore = request.Datastore ?? "datastore1" }, package, cancellationToken);
        return await RunAsync(plan, progress, cancellationToken);
    }

    /// <summary>Executes a plan.</summary>
    public async Task<IReadOnlyList<Vm>> RunAsync(IDeploymentPlan plan, IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var vms = new List<Vm>();
        Failures.Clear();
        await plan.RunAsync(plan.Names, vms.Add, (name, e) => Failures.Add(name, e), progress ?? new Quiet(), cancellationToken);
        return vms;
    }

    /// <summary>VMs, files, folders and leases: what must be as before when something fails.</summary>
    public string Picture() => string.Join("\n",
        Simulator.Vms.Select(vm => $"vm {vm.Name} {vm.PowerState}").Concat(Simulator.DatastoreFiles())
            .Concat(Directory.EnumerateDirectories(Simulator.DataFolder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            .Append($"leases {Simulator.OpenLeases}"));

    /// <summary>The state at the start.</summary>
    public string Before => _before;

    public async ValueTask DisposeAsync()
    {
        await Session.CloseAsync();
        await Simulator.DisposeAsync();
    }

    /// <summary>A progress that is called on the reporting thread; <see cref="Progress{T}"/> is called later.</summary>
    private sealed class Quiet : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value)
        {
        }
    }
}

/// <summary>Calls back on the thread that reports progress.</summary>
internal sealed class OnProgress(Action<OperationProgress> report) : IProgress<OperationProgress>
{
    public void Report(OperationProgress value) => report(value);
}

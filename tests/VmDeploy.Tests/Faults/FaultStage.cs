using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VmDeploy.Ova;
using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.Tests.Faults;

/// <summary>A simulated host of one kind with a session that pauses for milliseconds only.</summary>
internal abstract class FaultStage : IAsyncDisposable
{
    // Short enough for thousands of cells.
    private static readonly RetryPolicy s_callRetry = new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20));
    private static readonly RetryPolicy s_cleanupRetry = new(8, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500));
    private static readonly TimeSpan s_longestWork = TimeSpan.FromSeconds(30);

    private static readonly IProgress<OperationProgress> s_quiet = new OnProgress(_ => { });

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _waiting = new();
    private readonly Warnings _log = new();

    private TimeSpan _timeout;

    public abstract HypervisorKind Kind { get; }

    public VmSession Session { get; private set; } = null!;

    public abstract RequestFaults Requests { get; }

    public abstract int OpenSessions { get; }

    /// <summary>The VM that an operation works on.</summary>
    public Vm? Source { get; set; }

    /// <summary>The drive that an operation works on.</summary>
    public VmCdrom? Drive { get; set; }

    /// <summary>Names of what was created.</summary>
    public List<string> Made { get; } = [];

    public List<VmDeployException> Errors { get; } = [];

    /// <summary>All errors and warnings that the user saw.</summary>
    public string Told(Exception? failure) => string.Join("\n", Errors.Append(failure).OfType<Exception>().Select(e => e.Message).Concat(_log.Texts));

    public static async Task<FaultStage> StartAsync(HypervisorKind kind, TimeSpan timeout)
    {
        FaultStage stage = kind == HypervisorKind.XenServer
            ? new XapiStage(await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 1, Guest = _ => XapiGuest.WithTools with { BootTime = TimeSpan.FromMilliseconds(1) }, TaskTime = TimeSpan.FromMilliseconds(1), TransferLinger = TimeSpan.FromMilliseconds(5) }))
            : new EsxiStage(await EsxiSimulator.StartAsync(new EsxiSimulatorOptions
            {
                VmCount = 1,
                Guest = _ => GuestBehavior.WithTools with { BootTime = TimeSpan.FromMilliseconds(1) },
                Mode = kind == HypervisorKind.VCenter ? EsxiMode.VCenter : EsxiMode.Esxi,
            }));
        stage._timeout = timeout;
        // The client gives up a late request when the host has it, so that no clock decides which request is late.
        stage.Requests.Held = id =>
        {
            if (stage._waiting.TryGetValue(id, out var limit))
                limit.Cancel();
        };
        stage.Session = await stage.ConnectAsync(CancellationToken.None);
        return stage;
    }

    public abstract HostState Look();

    public abstract void CutUpload(long atByte, int times);

    /// <summary>Lets the task that a method starts fail.</summary>
    public abstract void FailTask(string method, int skip);

    public abstract void ClearFaults();

    /// <summary>Leases that are not renewed end soon: an import waits for that if the reply with its lease was lost.</summary>
    public virtual void ShortenLeases()
    {
    }

    /// <summary>Screenshots are files that a task creates.</summary>
    public abstract void HideScreenPage();

    /// <summary>The next power-on waits for an answer.</summary>
    public abstract void AskAtPowerOn();

    /// <summary>Another session with the host.</summary>
    public Task<VmSession> ConnectAsync(CancellationToken cancellationToken) =>
        OpenAsync(Options with
        {
            Timeout = _timeout,
            Retries = new(s_callRetry, s_cleanupRetry) { BeforeSecondLook = IdleAsync },
            WrapHandler = inner => new Impatient(_waiting, WireContract.Check(inner)),
        }, _log, cancellationToken);

    /// <summary>Waits until the host has carried out every request, including those whose client has given up.</summary>
    public async Task IdleAsync()
    {
        for (var clock = Stopwatch.StartNew(); !Requests.IsIdle && clock.Elapsed < s_longestWork;)
            await Task.Delay(10);
    }

    public async Task DeployAsync(IDeploymentPlan plan, CancellationToken cancellationToken) =>
        await plan.RunAsync(plan.Names, vm => Made.Add(vm.Name), (_, e) => Errors.Add(e), s_quiet, cancellationToken);

    public async Task ImportAsync(OvaImportRequest request, CancellationToken cancellationToken)
    {
        using var package = await OvaPackage.OpenAsync(request.Path, cancellationToken);
        await DeployAsync(await Session.PlanOvaImportAsync(Placed(request), package, cancellationToken), cancellationToken);
    }

    public async Task ImportAsync(VAppRequest request, CancellationToken cancellationToken)
    {
        using var package = await OvaPackage.OpenAsync(request.Import.Path, cancellationToken);
        await DeployAsync(await Session.PlanVAppAsync(request with { Import = Placed(request.Import) }, package, cancellationToken), cancellationToken);
    }

    /// <summary>A VM that exists before the fault.</summary>
    public async Task<Vm> GivenVmAsync(string name)
    {
        await ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = [name] }, CancellationToken.None);
        if (Errors.Count > 0)
            throw Errors[0];
        Made.Clear();
        return await FindAsync(name);
    }

    public async Task<Vm> FindAsync(string name) => (await Session.GetVmsAsync(new VmQuery { NameFilter = n => n == name }, CancellationToken.None)).Single();

    /// <summary>The request on the default places of the host.</summary>
    public T Placed<T>(T request)
        where T : DeploymentRequest => Kind == HypervisorKind.XenServer ? request : (T)(request with
        {
            Datacenter = "ha-datacenter",
            Datastore = "datastore1",
            HostName = "localhost.localdomain",
        });

    public SendFileRequest Send(string path) => Kind == HypervisorKind.XenServer
        ? new SendFileRequest(path, "ISO library") { Path = "sent.iso" }
        : new SendFileRequest(path, "datastore1") { Path = "iso/sent.iso", Datacenter = "ha-datacenter" };

    /// <summary>The files that <see cref="Send"/> has uploaded, or all files.</summary>
    public DatastoreFileRequest File(bool recurse = false) => Kind == HypervisorKind.XenServer
        ? new DatastoreFileRequest(recurse ? "" : "sent.iso", "ISO library")
        : new DatastoreFileRequest(recurse ? "" : "iso/sent.iso", "datastore1") { Datacenter = "ha-datacenter", Recurse = recurse };

    public abstract ValueTask DisposeAsync();

    protected abstract ConnectOptions Options { get; }

    protected abstract Task<VmSession> OpenAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken);

    // Gives up a request as after its time limit.
    private sealed class Impatient(ConcurrentDictionary<string, CancellationTokenSource> waiting, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var id = Guid.NewGuid().ToString();
            request.Headers.TryAddWithoutValidation(RequestFaults.Header, id);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            waiting[id] = limit;
            try
            {
                return await base.SendAsync(request, limit.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new VmDeployException(ErrorCodes.HostTimeout, "The host did not answer in time.", inner: e);
            }
            finally
            {
                waiting.TryRemove(id, out _);
            }
        }
    }

    private sealed class Warnings : ILogger
    {
        private readonly ConcurrentQueue<string> _texts = new();

        public IEnumerable<string> Texts => _texts;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                _texts.Enqueue(formatter(state, exception));
        }
    }

    private sealed class EsxiStage(EsxiSimulator simulator) : FaultStage
    {
        public override HypervisorKind Kind => simulator.Options.Mode == EsxiMode.VCenter ? HypervisorKind.VCenter : HypervisorKind.Esxi;

        public override RequestFaults Requests => simulator.RequestFaults;

        public override int OpenSessions => simulator.OpenSessions;

        protected override ConnectOptions Options => SimulatedHost.OptionsOf(simulator);

        public override HostState Look()
        {
            while (true)
            {
                try
                {
                    return HostState.Of(simulator);
                }
                catch (IOException)
                {
                    // A folder was just removed.
                }
            }
        }

        public override void CutUpload(long atByte, int times) => simulator.Faults.CutUpload(atByte, times);

        public override void FailTask(string method, int skip) => simulator.Faults.FailTask(method, "RuntimeFault", "by order", skip: skip);

        public override void HideScreenPage() => simulator.Faults.HasNoScreenPage = true;

        public override void AskAtPowerOn() => simulator.Faults.AskAtPowerOn();

        public override void ShortenLeases() => simulator.Faults.LeaseTimeout = TimeSpan.FromSeconds(3);

        public override void ClearFaults()
        {
            simulator.Faults.Clear();
            simulator.RequestFaults.Order(0, default);
        }

        public override ValueTask DisposeAsync() => simulator.DisposeAsync();

        protected override Task<VmSession> OpenAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken) =>
            VsphereSession.ConnectAsync(options, log, cancellationToken);
    }

    private sealed class XapiStage(XapiSimulator simulator) : FaultStage
    {
        public override HypervisorKind Kind => HypervisorKind.XenServer;

        public override RequestFaults Requests => simulator.RequestFaults;

        public override int OpenSessions => simulator.OpenSessions;

        protected override ConnectOptions Options => SimulatedXenServer.OptionsOf(simulator);

        public override HostState Look() => HostState.Of(simulator);

        public override void CutUpload(long atByte, int times)
        {
            for (var i = 0; i < times; i++)
                simulator.Faults.CutUpload(atByte);
        }

        public override void FailTask(string method, int skip) =>
            simulator.Faults.FailCall(method["Async.".Length..], "INTERNAL_ERROR", ["by order"], skip: skip);

        public override void HideScreenPage() => throw new NotSupportedException("XenServer has no such task.");

        public override void AskAtPowerOn() => throw new NotSupportedException("XenServer asks nothing.");

        public override void ClearFaults()
        {
            simulator.Faults.Clear();
            simulator.RequestFaults.Order(0, default);
        }

        public override ValueTask DisposeAsync() => simulator.DisposeAsync();

        protected override Task<VmSession> OpenAsync(ConnectOptions options, ILogger log, CancellationToken cancellationToken) =>
            XapiSession.ConnectAsync(options, log, cancellationToken);
    }
}

/// <summary>The files that all cells send; created once.</summary>
internal static class FaultFiles
{
    private static readonly Lazy<TempFolder> s_folder = new(() =>
    {
        var folder = new TempFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        new OvaBuilder { Disks = [Disk(1), Disk(2)] }.WriteOva(folder, "faults.ova");
        new OvaBuilder { EditDescriptor = _ => ForeignOvf.VirtualBox }.WriteOva(folder, "foreign.ova");
        VAppOva.WithSharedDisk(VAppOva.Create(new VAppMachine("one", 1, 2).ToXml() + new VAppMachine("two", 2).ToXml(), 2), 2).WriteOva(folder, "cluster.ova");
        folder.Write("local.iso", Iso.Mark(DiskImages.Mixed(300_000, 3)));
        folder.Write("other.iso", Iso.Mark(DiskImages.Mixed(200_000, 4)));
        return folder;
    });

    public static string Ova => s_folder.Value["faults.ova"];

    /// <summary>What VirtualBox exports.</summary>
    public static string ForeignOva => s_folder.Value["foreign.ova"];

    /// <summary>Two machines that share a disk.</summary>
    public static string Cluster => s_folder.Value["cluster.ova"];

    public static string LocalIso => s_folder.Value["local.iso"];

    /// <summary>Of another length.</summary>
    public static string OtherIso => s_folder.Value["other.iso"];

    private static OvaBuilderDisk Disk(int number)
    {
        const int Size = 300_000 / 512 * 512;
        return new($"disk{number}.vmdk", StreamVmdk.FromRaw(DiskImages.Mixed(Size, number)), Size);
    }
}

using System.Diagnostics;
using Microsoft.Extensions.Logging;
using VmDeploy.Copy;
using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>An open, logged-in connection to one hypervisor: its VMs, the plans that create them, and a property for each thing that can be done with them. Thread-safe.</summary>
/// <remarks>A derived class assigns these properties in its constructor. Public properties are what a user sees of the session.</remarks>
/// <param name="options">The connection options.</param>
/// <param name="log">Receives the log messages of the session.</param>
public abstract class VmSession(ConnectOptions options, ILogger log) : IDisposable
{
    private TaskCompletionSource<bool>? _closing;

    internal ILogger Log { get; } = log;
    internal RetryPolicies Retries => Options.Retries;

    /// <summary>What the running operations have created so far.</summary>
    public UnfinishedWork Unfinished { get; } = new();

    /// <summary>The connection options.</summary>
    protected ConnectOptions Options { get; } = options;

    /// <summary>The number by which a user chooses the session; assigned by the session table.</summary>
    public int Id { get; set; }

    /// <summary>Host name or address, as connected to.</summary>
    public string Server => Options.Server;

    /// <summary>TCP port.</summary>
    public int Port => Options.BaseAddress.Port;

    /// <summary>The SSH host that the connection goes through; null for a direct connection.</summary>
    public string? ViaSsh => Options.ViaSsh?.ToString();

    /// <summary>The thumbprint of the only certificate that is accepted, as it was given; null if any trusted one is.</summary>
    public string? CertificateThumbprint => Options.CertificateThumbprint;

    /// <summary>The logged-in account.</summary>
    public string UserName => Options.Credential.UserName;

    internal abstract HypervisorKind Hypervisor { get; }

    /// <summary>The kind of hypervisor: Esxi, VCenter or XenServer (<see cref="HypervisorKind"/>). A string, so that JSON shows the name.</summary>
    public string Kind => Hypervisor.ToString();

    /// <summary>Full product name, for example <c>VMware ESXi 8.0.2 build-22380479</c>.</summary>
    public abstract string Product { get; }

    /// <summary>Product version.</summary>
    public abstract string Version { get; }

    /// <summary>No two VMs of the host have the same name, so that a name is enough to tell them apart.</summary>
    internal virtual bool HasUniqueVmNames => false;

    internal abstract VmLimits Limits { get; }

    /// <summary>Power: on, off, restart, suspend, resume.</summary>
    internal VmPower Power { get; private protected init; } = null!;

    /// <summary>Waiting for the power state, the guest's tools or an address.</summary>
    internal VmWaiting Waiting { get; private protected init; } = null!;

    /// <summary>The questions of the host.</summary>
    internal VmQuestions Questions { get; private protected init; } = null!;

    /// <summary>The consoles of VMs.</summary>
    internal VmScreen Screen { get; private protected init; } = null!;

    /// <summary>Snapshots of VMs.</summary>
    internal VmSnapshots Snapshots { get; private protected init; } = null!;

    /// <summary>VMs as templates.</summary>
    internal VmTemplates Templates { get; private protected init; } = null!;

    /// <summary>The settings of VMs.</summary>
    internal VmConfiguration Configuration { get; private protected init; } = null!;

    /// <summary>The disks of VMs.</summary>
    internal VmDisks Disks { get; private protected init; } = null!;

    /// <summary>The CD-ROM drives of VMs.</summary>
    internal VmCdroms Cdroms { get; private protected init; } = null!;

    /// <summary>The network adapters of VMs.</summary>
    internal VmNetworkAdapters NetworkAdapters { get; private protected init; } = null!;

    /// <summary>The files of the datastores.</summary>
    internal VmDatastoreFiles DatastoreFiles { get; private protected init; } = null!;

    /// <summary>Datastores, networks, hosts, templates and places.</summary>
    internal VmDiscovery Discovery { get; private protected init; } = null!;

    /// <summary>VMs as packages.</summary>
    internal VmExports Exports { get; private protected init; } = null!;

    /// <summary>Which deployment has made which VM.</summary>
    internal VmOwnership Ownership { get; private protected init; } = null!;

    /// <summary>What the host offers for requests.</summary>
    internal VmChoices Choices { get; private protected init; } = null!;

    /// <summary>False as soon as it is being closed.</summary>
    public bool IsOpen => Volatile.Read(ref _closing) is null;

    /// <summary>True when the logout has ended.</summary>
    internal bool IsClosed => Volatile.Read(ref _closing) is { Task.IsCompleted: true };

    /// <summary>Reads VMs page by page, in the host's order. Templates are left out unless their ids are given.</summary>
    /// <param name="query">Which VMs.</param>
    /// <param name="page">Called for each page, on any thread, one call at a time; the next page is read after it has returned.</param>
    /// <param name="cancellationToken">Stops between and within calls.</param>
    public abstract Task GetVmsAsync(VmQuery query, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken);

    /// <summary>Reads VMs, all at once.</summary>
    public async Task<IReadOnlyList<Vm>> GetVmsAsync(VmQuery query, CancellationToken cancellationToken)
    {
        var vms = new List<Vm>();
        await GetVmsAsync(query, page => { vms.AddRange(page); return Task.CompletedTask; }, cancellationToken);
        return vms;
    }

    /// <summary>Renames a VM, running or not; its files keep their names.</summary>
    internal abstract Task RenameVmAsync(Vm vm, string name, CancellationToken cancellationToken);

    /// <summary>Reads one VM's state; <c>VmNotFound</c> if it no longer exists.</summary>
    public abstract Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken);

    /// <summary>Plans the deletion of a VM with its disks; refuses one whose disks others need, and a running one unless <paramref name="force"/> powers it off first.</summary>
    public abstract Task<PlannedChange<Vm>> PlanRemovalAsync(Vm vm, bool force, CancellationToken cancellationToken);

    /// <summary>The deletion of a VM that was just read; refused if it runs and may not be powered off.</summary>
    private protected static PlannedChange<Vm> CreateRemoval(Vm vm, PowerState state, bool force, Func<CancellationToken, Task> remove)
    {
        if (state != PowerState.Off && !force)
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"VM '{vm.Name}' is not powered off.", vm.Name, hint: ErrorHint.StopVmFirst);
        return new("Delete with its disks", async (_, token) =>
        {
            await remove(token);
            return vm;
        });
    }

    /// <summary>Checks the package, resolves every name of a request and asks the host whether it accepts the package; changes nothing.</summary>
    public Task<DeploymentPlan> PlanOvaImportAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken) =>
        PlanImportAsync(request, new PackageImport(package), cancellationToken);

    /// <summary>Checks that a VM of any session can be copied to this one, resolves every name and warns of what the guest needs here; changes nothing.</summary>
    /// <exception cref="VmDeployException">As of an export and an import; <c>CopyNotPossible</c> if the VM can't run on this hypervisor.</exception>
    public async Task<DeploymentPlan> PlanCopyAsync(CopyRequest request, CancellationToken cancellationToken)
    {
        var source = await CopiedVm.CreateAsync(request.Source, request.Snapshot, cancellationToken);
        CopyChecks.Run(this, request, source);
        var plan = await PlanImportAsync(CopyChecks.Complete(request), source, cancellationToken);
        CopyChecks.CheckExisting(plan, request.Source);
        return plan;
    }

    private protected abstract Task<DeploymentPlan> PlanImportAsync(OvaImportRequest request, ImportSource package, CancellationToken cancellationToken);

    /// <summary>As <see cref="PlanOvaImportAsync"/>, for a package with several machines; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>NotSupportedByHost</c> for a vApp anywhere but on a vCenter.</exception>
    public virtual async Task<IDeploymentPlan> PlanVAppAsync(VAppRequest request, OvaPackage package, CancellationToken cancellationToken) => request.AsVApp
        ? throw new VmDeployException(ErrorCodes.NotSupportedByHost, $"{Server} has no vApps; only a vCenter has.", package.Path, hint: ErrorHint.ImportWithoutVApp)
        : await VAppPlan.CreateAsync(this, request, package, cancellationToken);

    /// <summary>Resolves a clone; refuses a source that can't be copied in its power state (running, on a standalone host or XenServer). Changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanCloneAsync(CloneRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves a VM from scratch with an ISO; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves VMs from a template; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken);

    /// <summary>Asks the host whether the session is alive; returns the round-trip time.</summary>
    public async Task<TimeSpan> PingAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await CheckAliveAsync(cancellationToken);
        return clock.Elapsed;
    }

    private protected abstract Task CheckAliveAsync(CancellationToken cancellationToken);

    /// <summary>Logs out and closes; if another caller does so already, waits for its end. An unreachable host is not an error.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        var closing = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _closing, closing, null) is { } earlier)
        {
            // A process that ends after this call would otherwise cut the other's logout.
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(earlier.Task, Task.Delay(Timeout.InfiniteTimeSpan, end.Token));
            end.Cancel();
            cancellationToken.ThrowIfCancellationRequested();
            return;
        }
        try
        {
            await LogoutAsync(LogoutAsync, Server, Log, cancellationToken);
        }
        finally
        {
            try
            {
                Disconnect();
            }
            finally
            {
                closing.SetResult(true);
            }
        }
    }

    private protected abstract Task LogoutAsync(CancellationToken cancellationToken);

    private protected abstract void Disconnect();

    private protected static async Task LogoutAsync(Func<CancellationToken, Task> logout, string server, ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            await logout(cancellationToken);
            log.LoggedOut(server);
        }
        catch (VmDeployException e)
        {
            log.LogoutFailed(server, e.Message);
        }
        catch (OperationCanceledException)
        {
            log.LogoutFailed(server, "the logout was stopped.");
            throw;
        }
    }

    /// <summary>Closes the session; see <see cref="CloseAsync"/>.</summary>
    public void Dispose()
    {
        Task.Run(() => CloseAsync()).GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{UserName}@{Server}";
}

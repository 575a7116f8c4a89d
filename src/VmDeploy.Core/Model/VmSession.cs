using Microsoft.Extensions.Logging;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>An open, logged-in connection to one hypervisor. The methods are the operations that every hypervisor implements. Thread-safe.</summary>
/// <remarks>Creates the session.</remarks>
/// <param name="options">The connection options.</param>
/// <param name="log">Receives the log messages of the session.</param>
public abstract class VmSession(ConnectOptions options, ILogger log) : IDisposable
{
    private int _closed;

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

    /// <summary>The logged-in account.</summary>
    public string UserName => Options.Credential.UserName;

    /// <summary>The kind of hypervisor.</summary>
    public abstract HypervisorKind Kind { get; }

    /// <summary>Full product name, for example <c>VMware ESXi 8.0.2 build-22380479</c>.</summary>
    public abstract string Product { get; }

    /// <summary>Product version.</summary>
    public abstract string Version { get; }

    internal abstract VmLimits Limits { get; }

    /// <summary>Restarting, suspending and resuming.</summary>
    public abstract VmPower Power { get; }

    /// <summary>The questions of the host.</summary>
    public abstract VmQuestions Questions { get; }

    /// <summary>The consoles of VMs.</summary>
    public abstract VmScreen Screen { get; }

    /// <summary>Snapshots of VMs.</summary>
    public abstract VmSnapshots Snapshots { get; }

    /// <summary>What the host offers for requests.</summary>
    public abstract VmChoices Choices { get; }

    /// <summary>VMs as templates.</summary>
    public abstract VmTemplates Templates { get; }

    /// <summary>False once closed.</summary>
    public bool IsOpen => Volatile.Read(ref _closed) == 0;

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

    /// <summary>Refuses a VM that <see cref="RemoveVmAsync"/> would not delete because others need its disks; changes nothing.</summary>
    internal virtual Task CheckRemovalAsync(Vm vm, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Reads one VM's state; <c>VmNotFound</c> if it no longer exists.</summary>
    public abstract Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken);

    /// <summary>Powers a VM on and reads it again; does nothing if it is already running.</summary>
    public abstract Task StartVmAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Stops a VM and reads it again; does nothing if it is already off.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="force">Power off at once instead of asking the guest to shut down.</param>
    /// <param name="timeout">Time limit for the guest; the call then fails with <c>GuestShutdownTimeout</c>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract Task StopVmAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Deletes a VM with its disks. A running one is refused unless <paramref name="force"/> powers it off first.</summary>
    public abstract Task RemoveVmAsync(Vm vm, bool force, CancellationToken cancellationToken);

    /// <summary>Checks the package, resolves every name of a request and asks the host whether it accepts the package; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanOvaImportAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken);

    /// <summary>Resolves a clone; refuses a source that can't be copied in its power state (running, on a standalone host or XenServer). Changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanCloneAsync(CloneRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves a VM from scratch with an ISO; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves VMs from a template; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken);

    /// <summary>Waits until the VM meets the condition, using notifications instead of polling; <c>WaitTimeout</c> after <paramref name="timeout"/>.</summary>
    public abstract Task WaitVmAsync(Vm vm, VmCondition condition, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>As above, and reports how much of the time limit has passed.</summary>
    public Task WaitVmAsync(Vm vm, VmCondition condition, TimeSpan timeout, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        WaitVmAsync(vm, condition, timeout, progress, new OperationProgress(0, vm.Name, ""), cancellationToken);

    internal Task WaitVmAsync(
        Vm vm, VmCondition condition, TimeSpan timeout, IProgress<OperationProgress> progress, OperationProgress bar, CancellationToken cancellationToken) =>
        WaitProgress.RunAsync(WaitVmAsync(vm, condition, timeout, cancellationToken), bar with { Status = $"Waiting for {Describe(condition)}" }, timeout, progress);

    private static string Describe(VmCondition condition) => condition switch
    {
        VmCondition.On => "power-on",
        VmCondition.Off => "power-off",
        VmCondition.Tools => "the guest's tools",
        _ => "an IP address",
    };

    /// <summary>The VM's CD-ROM drives, in the order of their slots.</summary>
    public abstract Task<IReadOnlyList<VmCdrom>> GetCdromsAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Resolves the slot for a new drive; changes nothing.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="medium">The medium; a local ISO is uploaded first.</param>
    /// <param name="bus">The bus; null for the default of the guest.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<VmCdrom>> PlanAddCdromAsync(Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken);

    /// <summary>Resolves another medium for a drive; changes nothing.</summary>
    /// <param name="cdrom">The drive.</param>
    /// <param name="medium">The new medium; a local ISO is uploaded first.</param>
    /// <param name="force">Eject the medium even if the guest has locked the drive (answers the host's question).</param>
    /// <param name="cancellationToken">Stops it.</param>
    public abstract Task<PlannedChange<VmCdrom>> PlanSetCdromAsync(VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken);

    /// <summary>Plans (<see cref="PlanAddCdromAsync"/>) and executes the change.</summary>
    public async Task<VmCdrom> AddCdromAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await PlanAddCdromAsync(vm, medium, bus, cancellationToken)).RunAsync(progress, cancellationToken);

    /// <summary>Plans (<see cref="PlanSetCdromAsync"/>) and executes the change.</summary>
    public async Task<VmCdrom> SetCdromAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await PlanSetCdromAsync(cdrom, medium, force, cancellationToken)).RunAsync(progress, cancellationToken);

    /// <summary>Removes the drive from the VM.</summary>
    public abstract Task RemoveCdromAsync(VmCdrom cdrom, CancellationToken cancellationToken);

    /// <summary>Resolves the target of an upload; refuses to overwrite a file without permission. Changes nothing.</summary>
    public abstract Task<PlannedChange<DatastoreFile>> PlanSendFileAsync(SendFileRequest request, CancellationToken cancellationToken);

    /// <summary>Plans (<see cref="PlanSendFileAsync"/>) and executes the upload.</summary>
    public async Task<DatastoreFile> SendFileAsync(
        SendFileRequest request, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        await (await PlanSendFileAsync(request, cancellationToken)).RunAsync(progress, cancellationToken);

    /// <summary>The files of the datastores.</summary>
    public abstract VmDatastoreFiles DatastoreFiles { get; }

    /// <summary>The settings of VMs.</summary>
    public abstract VmConfiguration Configuration { get; }

    /// <summary>The disks of VMs.</summary>
    public abstract VmDisks Disks { get; }

    /// <summary>The network adapters of VMs.</summary>
    public abstract VmNetworkAdapters NetworkAdapters { get; }

    /// <summary>All datastores (SRs), by name.</summary>
    public abstract Task<IReadOnlyList<VmDatastore>> GetDatastoresAsync(CancellationToken cancellationToken);

    /// <summary>All networks, by name.</summary>
    public abstract Task<IReadOnlyList<VmNetwork>> GetNetworksAsync(CancellationToken cancellationToken);

    /// <summary>All hosts, by name.</summary>
    public abstract Task<IReadOnlyList<VmHypervisor>> GetHypervisorsAsync(CancellationToken cancellationToken);

    /// <summary>All templates, by name; empty on a standalone ESXi host.</summary>
    public abstract Task<IReadOnlyList<VmTemplate>> GetTemplatesAsync(CancellationToken cancellationToken);

    /// <summary>All places of some kinds, by kind and path. XenServer has its hosts and its pool only, a standalone host neither clusters nor folders.</summary>
    public abstract Task<IReadOnlyList<VmPlace>> GetPlacesAsync(IReadOnlyCollection<VmPlaceKind> kinds, CancellationToken cancellationToken);

    /// <summary>Asks the host whether the session is alive; returns the round-trip time.</summary>
    public abstract Task<TimeSpan> PingAsync(CancellationToken cancellationToken);

    /// <summary>Logs out and closes; does nothing if already closed. An unreachable host is not an error.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        await LogoutAsync(cancellationToken);
    }

    /// <summary>Logs out and closes the connection.</summary>
    protected abstract Task LogoutAsync(CancellationToken cancellationToken);

    /// <summary>Closes the session; see <see cref="CloseAsync"/>.</summary>
    public void Dispose()
    {
        Task.Run(() => CloseAsync()).GetAwaiter().GetResult();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{UserName}@{Server}";
}

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>
/// An open, logged-in connection to one hypervisor. What every hypervisor can do is a method here;
/// each hypervisor implements it. Safe for use by several threads at a time.
/// </summary>
public abstract class VmSession : IDisposable
{
    /// <summary>Creates the session's public face.</summary>
    protected VmSession(ConnectOptions options) => Options = options;

    /// <summary>How it was connected.</summary>
    protected ConnectOptions Options { get; }

    /// <summary>A small number for the user to pick it by; given by the session table.</summary>
    public int Id { get; set; }

    /// <summary>Host name or address, as connected to.</summary>
    public string Server => Options.Server;

    /// <summary>TCP port.</summary>
    public int Port => Options.BaseAddress.Port;

    /// <summary>The logged-in account.</summary>
    public string UserName => Options.Credential.UserName;

    /// <summary>What kind of hypervisor answers.</summary>
    public abstract HypervisorKind Kind { get; }

    /// <summary>Full product name, for example <c>VMware ESXi 8.0.2 build-22380479</c>.</summary>
    public abstract string Product { get; }

    /// <summary>Product version.</summary>
    public abstract string Version { get; }

    /// <summary>False once closed.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Reads VMs page by page, in the host's order.</summary>
    /// <param name="query">Which.</param>
    /// <param name="page">Called for each page as it arrives, on any thread, one call at a time.</param>
    /// <param name="cancellationToken">Stops between and within calls.</param>
    public abstract Task GetVmsAsync(VmQuery query, Action<IReadOnlyList<Vm>> page, CancellationToken cancellationToken);

    /// <summary>Reads one VM's state; <c>VmNotFound</c> when it is gone.</summary>
    public abstract Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken);

    /// <summary>Powers a VM on and reads it again; no change when it runs already.</summary>
    public abstract Task StartVmAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Stops a VM and reads it again; no change when it is off already.</summary>
    /// <param name="vm">Which.</param>
    /// <param name="force">Power off at once instead of asking the guest to shut down.</param>
    /// <param name="timeout">How long the guest may take; then the call fails with <c>GuestShutdownTimeout</c>.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public abstract Task StopVmAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Deletes a VM with its disks. A running one is refused unless <paramref name="force"/> powers it off first.</summary>
    public abstract Task RemoveVmAsync(Vm vm, bool force, CancellationToken cancellationToken);

    /// <summary>Checks the package, resolves every name of a request and asks the host whether it would take it; changes nothing.</summary>
    public abstract Task<DeploymentPlan> PlanOvaImportAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken);

    /// <summary>Asks the host whether the session lives; returns the round-trip time.</summary>
    public abstract Task<TimeSpan> PingAsync(CancellationToken cancellationToken);

    /// <summary>Logs out and closes; does nothing when closed already. A host that is gone is no error.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        if (!IsOpen)
            return;
        IsOpen = false;
        await LogoutAsync(cancellationToken);
    }

    /// <summary>Logs out and frees the connection.</summary>
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

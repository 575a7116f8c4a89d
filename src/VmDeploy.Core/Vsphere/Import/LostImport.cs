using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>
/// An import whose <c>ImportVApp</c> was not answered. Nobody knows its lease, so it can't be aborted: its VM is looked for
/// and removed, and where the lease does not let go of it, the host's own end of the lease is waited for.
/// </summary>
internal sealed class LostImport
{
    // The call may have reached the host, which then makes the VM within moments.
    private static readonly TimeSpan s_appearance = TimeSpan.FromSeconds(10);

    // A lease that is not renewed ends after five minutes on usual hosts.
    private static readonly TimeSpan s_end = TimeSpan.FromMinutes(6);

    private readonly VsphereSession _session;
    private readonly MoRef _folder;
    private readonly string _instanceUuid;
    private readonly string _name;

    public LostImport(VsphereSession session, MoRef folder, string instanceUuid, string name)
    {
        _session = session;
        _folder = folder;
        _instanceUuid = instanceUuid;
        _name = name;
    }

    /// <summary>Returns when nothing of it is left; what goes wrong with that is only a warning.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await FindAsync(cancellationToken) is { } vm)
                await RemoveAsync(vm, cancellationToken);
        }
        catch (Exception e) when (e is VmDeployException or OperationCanceledException)
        {
            _session.Log.CleanupFailed(_name, $"{e.Message} The host removes it when its lease times out.");
        }
    }

    private async Task<MoRef?> FindAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_appearance);
        while (true)
        {
            var present = (await _session.Properties.ReadAsync(_folder, cancellationToken, "childEntity")).References("childEntity").ToList();
            var found = await VmLeftovers.FindAsync(_session, _instanceUuid);
            if (found.Count > 0)
                return found[0];
            try
            {
                await _session.Waiter.WaitAsync(_folder, ["childEntity"], values => IsOther(values, present), limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private async Task RemoveAsync(MoRef vm, CancellationToken cancellationToken)
    {
        try
        {
            await _session.Tasks.RunAsync(vm, "Destroy_Task", _name, CancellationToken.None);
            return;
        }
        catch (VimFault)
        {
            // The lease holds it still, or has ended it an instant ago.
        }
        _session.Log.LeaseEndAwaited(_name);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_end);
        try
        {
            await _session.Waiter.WaitAsync(vm, ["name"], _ => false, limit.Token);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            // As it should be.
        }
    }

    private static bool IsOther(IReadOnlyDictionary<string, XElement> values, List<MoRef> present) =>
        values.TryGetValue("childEntity", out var now) && !now.Elements().Select(e => e.ToMoRef()).SequenceEqual(present);
}

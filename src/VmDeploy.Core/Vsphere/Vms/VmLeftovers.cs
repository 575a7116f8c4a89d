using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>
/// Removes a VM that was made although its making failed: the host's answer was lost, or a later step went wrong.
/// It is known by the <c>instanceUuid</c> that it was given, never by a name that another may have.
/// </summary>
internal static class VmLeftovers
{
    /// <summary>Removes it, if it is there; what goes wrong with that is only a warning.</summary>
    /// <param name="session">The session.</param>
    /// <param name="maker">The object whose method makes the VM; what still works there is waited for.</param>
    /// <param name="instanceUuid">The VM's.</param>
    /// <param name="name">The VM's name, for messages.</param>
    public static async Task RemoveAsync(VsphereSession session, MoRef maker, string instanceUuid, string name)
    {
        try
        {
            await session.Tasks.SettleAsync(maker);
            foreach (var vm in await FindAsync(session, instanceUuid))
                await (await VmRemoval.PlanAsync(session, vm, name, CancellationToken.None)).RunAsync(CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            session.Log.CleanupFailed(name, e.Message);
        }
    }

    /// <summary>The VM with an <c>instanceUuid</c>, or none.</summary>
    public static async Task<IReadOnlyList<MoRef>> FindAsync(VsphereSession session, string instanceUuid)
    {
        var found = new List<MoRef>();
        await session.Properties.ReadAllAsync([new PropertySet("VirtualMachine", "config.instanceUuid")], page =>
        {
            found.AddRange(page.Where(vm => vm.Text("config.instanceUuid") == instanceUuid).Select(vm => vm.Object));
            return Task.CompletedTask;
        }, CancellationToken.None);
        return found;
    }
}

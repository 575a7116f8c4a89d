using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

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
            await SettleAsync(session, maker);
            var found = new List<MoRef>();
            await session.Properties.ReadAllAsync([new PropertySet("VirtualMachine", "config.instanceUuid")], page =>
            {
                found.AddRange(page.Where(vm => vm.Text("config.instanceUuid") == instanceUuid).Select(vm => vm.Object));
                return Task.CompletedTask;
            }, CancellationToken.None);
            foreach (MoRef vm in found)
                await session.Tasks.RunAsync(vm, "Destroy_Task", name, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            session.Log.CleanupFailed(name, e.Message);
        }
    }

    // The task whose answer was lost may be at work yet.
    private static async Task SettleAsync(VsphereSession session, MoRef maker)
    {
        ObjectContent manager = await session.Properties.ReadAsync(session.Content.TaskManager, CancellationToken.None, "recentTask");
        IReadOnlyList<ObjectContent> tasks = await session.Properties.ReadAsync(
            manager.References("recentTask").ToList(), CancellationToken.None, "info.entity", "info.state");
        foreach (ObjectContent task in tasks.Where(t => t.Reference("info.entity") == maker && !IsOver(t["info.state"])))
        {
            await session.Waiter.WaitAsync(task.Object, ["info.state"],
                values => values.TryGetValue("info.state", out XElement? state) && IsOver(state), CancellationToken.None);
        }
    }

    private static bool IsOver(XElement? state) => state?.Value is "success" or "error";
}

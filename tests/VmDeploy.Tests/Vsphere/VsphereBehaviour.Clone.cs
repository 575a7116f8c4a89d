using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    /// <summary>For each call, the request or its answer is lost.</summary>
    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Wherever_a_clone_breaks_nothing_is_left(bool late, bool linked)
    {
        var source = Assert.Single(await ImportAsync(TinyVm("cloned1")));
        await BreakEverywhereAsync(late,
            async session =>
            {
                var plan = await session.PlanCloneAsync(new CloneRequest(source) { Names = ["broken1"], Linked = linked }, s_none);
                var failures = new List<VmDeployException>();
                await plan.RunAsync(plan.Names, _ => { }, (_, e) => failures.Add(e), s_noProgress, s_none);
                if (failures.Count > 0)
                    throw failures[0];
            },
            async () =>
            {
                foreach (var vm in await ListAsync(name => name == "broken1"))
                    await Session.RemoveVmAsync(vm, force: true, s_none);
                await RemoveSnapshotsAsync(source);
            });
    }

    // Linked clones on vCenter leave the snapshot that they are based on.
    private Task RemoveSnapshotsAsync(Vm vm) => Session.Hypervisor == HypervisorKind.Esxi
        ? Task.CompletedTask
        : ((VsphereSession)Session).Tasks.RunAsync(new MoRef("VirtualMachine", vm.Id), "RemoveAllSnapshots_Task", vm.Name, s_none);
}

using VmDeploy.Ova;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task A_deployment_is_made_kept_changed_and_removed()
    {
        var before = (await ListAsync()).Select(vm => vm.Name).Order().ToList();
        Assert.Equal([MachineAction.Create, MachineAction.Create, MachineAction.Create], await DeployAsync(Lab(cpus: 1)));
        Assert.Equal([MachineAction.None, MachineAction.None, MachineAction.None], await DeployAsync(Lab(cpus: 1)));
        Assert.Equal([MachineAction.None, MachineAction.Change, MachineAction.Change], await DeployAsync(Lab(cpus: 2)));
        Assert.Equal(["lab1", "lab2"], (await ListAsync(name => name.StartsWith("lab", StringComparison.Ordinal))).Where(vm => vm.CpuCount == 2).Select(vm => vm.Name).Order());

        // A copy does not belong to it, and stays.
        await CloneOfAsync(new CloneRequest((await ListAsync(name => name == "lab1"))[0]) { Names = ["mine"] });
        Assert.Equal([MachineAction.Remove, MachineAction.Remove, MachineAction.Remove], await DeployAsync(Lab(cpus: 2) with { Machines = [] }));
        Assert.Equal([.. before, "mine"], (await ListAsync()).Select(vm => vm.Name).OrderBy(name => name == "mine").ThenBy(name => name));
    }

    private DeploymentSpec Lab(int cpus)
    {
        var package = TinyVm();
        var db = new PackageSource(new PackageLocation(package.Path), package);
        var web = new PackageSource(new PackageLocation(package.Path), package with { Hardware = new() { CpuCount = cpus } });
        return new DeploymentSpec("lab", [Session],
        [
            new("db", "db", 1, Session, db) { State = MachineState.Running },
            new("lab", "lab1", 1, Session, web) { State = MachineState.Stopped, DependsOn = ["db"] },
            new("lab", "lab2", 2, Session, web) { State = MachineState.Stopped, DependsOn = ["db"] },
        ]);
    }

    private static async Task<IReadOnlyList<MachineAction>> DeployAsync(DeploymentSpec deployment)
    {
        using var run = await DeploymentRun.PlanAsync(deployment, new DeploymentOptions { Prune = true }, s_none);
        Assert.All(run.Machines, machine => Assert.Null(machine.Refusal));
        var failures = new List<VmDeployException>();
        await run.RunAsync(run.Machines.Where(machine => machine.Action != MachineAction.None).ToList(), _ => { }, (_, e) => failures.Add(e), new Progress<OperationProgress>(), s_none);
        Assert.Empty(failures);
        return run.Machines.Select(machine => machine.Action).ToList();
    }
}

using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>One VM of one set.</summary>
/// <param name="Machine">The machine of the package.</param>
/// <param name="Plan">The plan of the machine in all sets.</param>
/// <param name="Name">The name of the VM.</param>
/// <param name="Bar">Its progress bar.</param>
internal sealed record VAppMember(OvfMachine Machine, DeploymentPlan Plan, string Name, OperationProgress Bar)
{
    /// <summary>The VM; null until it is created.</summary>
    public Vm? Vm { get; set; }
}

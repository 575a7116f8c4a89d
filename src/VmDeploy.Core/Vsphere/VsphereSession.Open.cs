using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();
}

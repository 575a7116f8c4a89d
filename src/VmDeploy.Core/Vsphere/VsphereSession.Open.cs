using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task<IReadOnlyList<VmCdrom>> GetCdromsAsync(Vm vm, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task<VmCdrom> AddCdromAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, IProgress<OperationProgress> progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task<VmCdrom> SetCdromAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task RemoveCdromAsync(VmCdrom cdrom, CancellationToken cancellationToken) => throw new NotImplementedException();
}

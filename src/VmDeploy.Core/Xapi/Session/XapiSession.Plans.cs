using VmDeploy.Ova;

namespace VmDeploy.Xapi;

public sealed partial class XapiSession
{
    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanOvaImportAsync(OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        var properties = await RequestChecks.RunAsync(Limits, request, package, cancellationToken);
        var target = await OvaTarget.CreateAsync(this, request, package, properties, cancellationToken);
        return new OvaImportPlan(this, request, package, await FindExistingAsync(request.Names, cancellationToken), target);
    }

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanCloneAsync(CloneRequest request, CancellationToken cancellationToken) =>
        await ClonePlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanIsoVmAsync(IsoVmRequest request, CancellationToken cancellationToken) =>
        await IsoVmPlan.CreateAsync(this, request, cancellationToken);

    /// <inheritdoc/>
    public override async Task<DeploymentPlan> PlanTemplateAsync(TemplateRequest request, CancellationToken cancellationToken) =>
        await TemplatePlan.CreateAsync(this, request, cancellationToken);
}

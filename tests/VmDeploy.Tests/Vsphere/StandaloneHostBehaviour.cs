using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>What is different on a host without a vCenter.</summary>
public abstract class StandaloneHostBehaviour : VsphereBehaviour
{
    [SkippableFact]
    public async Task A_standalone_host_has_no_templates_and_says_what_to_do()
    {
        await ListAsync();
        Assert.Empty(await Session.Discovery.GetTemplatesAsync(CancellationToken.None));
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.PlanTemplateAsync(new TemplateRequest("golden") { Names = ["web1"] }, CancellationToken.None));
        Assert.Equal("NotSupportedByHost", refused.Code.Id);
        Assert.Equal(ErrorHint.NoTemplatesOnHost, refused.Hint);

        var vm = (await ListAsync())[0];
        refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Templates.PlanFromVmAsync(vm, CancellationToken.None));
        Assert.Equal("NotSupportedByHost", refused.Code.Id);
        Assert.Equal(ErrorHint.CloneStoppedVm, refused.Hint);
        refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.Templates.PlanToVmAsync("golden", null, null, CancellationToken.None));
        Assert.Equal("NotSupportedByHost", refused.Code.Id);
    }
}

namespace VmDeploy.PowerShell;

/// <summary>Converts VMs into templates.</summary>
[Cmdlet(VerbsData.ConvertTo, "VmTemplate", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmTemplate))]
public sealed class ConvertToVmTemplateCommand : VmActionCmdlet
{
    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var plan = await vm.Session.Templates.PlanFromVmAsync(vm, cancellationToken);
        if (await ShouldProcessAsync(Describe(vm), plan.Description))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}

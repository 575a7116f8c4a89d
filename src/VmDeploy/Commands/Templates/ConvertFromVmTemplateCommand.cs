namespace VmDeploy.PowerShell;

/// <summary>Converts templates back into VMs.</summary>
[Cmdlet(VerbsData.ConvertFrom, "VmTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class ConvertFromVmTemplateCommand : SessionCmdlet
{
    /// <summary>The template: its name, uuid or id, or an object from Get-VmTemplate.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmTemplate))]
    [Alias("template_name", "Id")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string Template { get; set; } = "";

    /// <summary>Host or cluster that runs the VM; by default the template's own.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("host_name")]
    [HostObjectName(typeof(VmHypervisor), typeof(VmPlace))]
    [ArgumentCompleter(typeof(HostCompleter))]
    public string? HostName { get; set; }

    /// <summary>Resource pool (vCenter); by default the root pool.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("resource_pool")]
    [HostObjectName(typeof(VmPlace))]
    [ArgumentCompleter(typeof(ResourcePoolCompleter))]
    public string? ResourcePool { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var piped = InputObject?.BaseObject as VmTemplate;
        var session = piped is null ? ResolveSession() : UseSessionOf(piped.Session, piped);
        var plan = await session.Templates.PlanToVmAsync(piped?.Id ?? Template, Absent(HostName), Absent(ResourcePool), cancellationToken);
        if (await ShouldProcessAsync($"{piped?.Name ?? Template} on {session.Server}", plan.Description))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }

    // An empty cell of a CSV file.
    private static string? Absent(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

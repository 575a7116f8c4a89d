namespace VmDeploy.PowerShell;

/// <summary>Creates VMs from a template of XenServer or vCenter.</summary>
[Cmdlet(VerbsCommon.New, "VmFromTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class NewVmFromTemplateCommand : NewInstancesCmdlet
{
    /// <summary>The template: its name, uuid or id, or an object from Get-VmTemplate.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [HostObjectName(typeof(VmTemplate))]
    [Alias("template_name", "Id")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string Template { get; set; } = "";

    /// <summary>VLAN tag on that network's uplink (XenServer).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [WholeNumber(1, 4094)]
    public int? Vlan { get; set; }

    /// <summary>Copy the disks instead of cloning them (XenServer).</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("full_copy")]
    [Flag]
    public SwitchParameter FullCopy { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var piped = InputObject?.BaseObject as VmTemplate;
        var name = piped?.Name ?? Template;
        var session = piped is null ? ResolveSession() : UseSessionOf(piped.Session, piped);
        var names = ExactNames(piped?.Name) ?? NumberedIfMany(name);
        await DeployAsync(await session.PlanTemplateAsync(CreateRequest(names, piped), cancellationToken), cancellationToken);
    }

    /// <summary>The request of these parameters. A template that is piped in has its own values for some: an equal value is not a change.</summary>
    internal TemplateRequest CreateRequest(IReadOnlyList<string> names, VmTemplate? piped)
    {
        var request = Complete(new TemplateRequest(piped?.Id ?? Template), names);
        return request with
        {
            Hardware = request.Hardware with
            {
                CpuCount = CpuCount == piped?.CpuCount ? null : CpuCount,
                MemoryMB = MemoryMB == piped?.MemoryMB ? null : MemoryMB,
            },
            Vlan = Vlan,
            FullCopy = FullCopy,
        };
    }
}

namespace VmDeploy.PowerShell;

/// <summary>Creates VMs from a template of XenServer or vCenter.</summary>
[Cmdlet(VerbsCommon.New, "VmFromTemplate", SupportsShouldProcess = true)]
[OutputType(typeof(Vm))]
public sealed class NewVmFromTemplateCommand : NewInstancesCmdlet
{
    /// <summary>The template: its name, uuid or id, or an object from Get-VmTemplate.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("template_name", "Id")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public string Template { get; set; } = "";

    /// <summary>Virtual CPUs, if not the template's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu", "cpu_count")]
    [WholeNumber(1, 1024)]
    public int? CpuCount { get; set; }

    /// <summary>Memory in MiB, if not the template's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory", "memory_mb")]
    [WholeNumber(4, 25165824)]
    public long? MemoryMB { get; set; }

    /// <summary>Size of the first disk in GiB, if it should be larger than the template's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk", "disk_gb")]
    [SizeGB]
    public double? DiskGB { get; set; }

    /// <summary>Sizes of further, empty disks in GiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("extra_disk_gb")]
    [SizeGB(Absent = new double[0])]
    public double[] ExtraDiskGB { get; set; } = [];

    /// <summary>The network of all adapters.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public string? Network { get; set; }

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
        var request = Complete(new TemplateRequest(Template), names) with
        {
            // A template that is piped in has its own values for these parameters: an equal value is not a change.
            CpuCount = CpuCount == piped?.CpuCount ? null : CpuCount,
            MemoryMB = MemoryMB == piped?.MemoryMB ? null : MemoryMB,
            DiskBytes = DiskGB is { } size ? Sizes.FromGB(size) : null,
            ExtraDiskBytes = Sizes.FromGB(ExtraDiskGB),
            Network = Given(nameof(Network), Network),
            Vlan = Vlan,
            FullCopy = FullCopy,
        };
        await DeployAsync(await session.PlanTemplateAsync(request, cancellationToken), cancellationToken);
    }
}

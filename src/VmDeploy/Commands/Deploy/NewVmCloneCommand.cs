using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Makes copies of VMs.</summary>
[Cmdlet(VerbsCommon.New, "VmClone", SupportsShouldProcess = true, DefaultParameterSetName = ByPrefix)]
[OutputType(typeof(Vm))]
public sealed class NewVmCloneCommand : NewVmCmdlet
{
    private const string ByPattern = "Pattern";

    /// <summary>The VMs to copy, or their names; by default -NamePrefix and 1, which is what Import-VmOva makes of the same file.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("SourceName", "source")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmOrName[] Vm { get; set; } = [];

    /// <summary>Names of the copies: {source} stands for the source's name, {n} for a number from 1, {n:00} for one with leading zeros.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByPattern, ValueFromPipelineByPropertyName = true)]
    [Alias("name_pattern")]
    [ValidateNotNullOrEmpty]
    public string? NamePattern { get; set; }

    /// <summary>How many copies to make.</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
    [Parameter(ParameterSetName = ByPattern, ValueFromPipelineByPropertyName = true)]
    [Alias("num_clones")]
    [ValidateRange(1, 1000)]
    public int Count { get; set; } = 1;

    /// <summary>Child disks on the source's instead of copies: made at once, and dependent on the source.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public SwitchParameter Linked { get; set; }

    /// <summary>Virtual CPUs, if not the source's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu")]
    [ValidateRange(1, 768)]
    public int? CpuCount { get; set; }

    /// <summary>Memory in MiB, if not the source's.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory")]
    [ValidateRange(4L, 25165824L)]
    public long? MemoryMB { get; set; }

    /// <summary>The source's network name to network name, or one network for all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("network_map", "network")]
    [MapTransformation(Fallback = true)]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    public Hashtable? NetworkMap { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var wanted = Vm.Length > 0 ? Vm : NamePrefix is null ? [] : [new VmOrName(NamePrefix + "1")];
        if (wanted.Length == 0)
            throw new VmDeployException(ErrorCodes.CloneSourceMissing, "No VM to copy was given.");
        foreach (var source in await FindVmsAsync(wanted, cancellationToken))
        {
            try
            {
                await CloneAsync(source, cancellationToken);
            }
            catch (VmDeployException e)
            {
                WriteError(e);
            }
        }
    }

    private async Task CloneAsync(Vm source, CancellationToken cancellationToken)
    {
        var request = Complete(new CloneRequest(source), NamesToMake(source)) with
        {
            Linked = Linked,
            // A VM that is piped in brings its own values of these names: what is the same is no wish.
            CpuCount = CpuCount == source.CpuCount ? null : CpuCount,
            MemoryMB = MemoryMB == source.MemoryMB ? null : MemoryMB,
            Annotation = Annotation == source.Annotation ? null : Annotation,
            HostName = HostName == source.HostName ? null : HostName,
            NetworkMap = MapTransformationAttribute.Read(NetworkMap),
        };
        await DeployAsync(await UseSession(source.Session).PlanCloneAsync(request, cancellationToken), cancellationToken);
    }

    // Where a VM is piped in, its own name binds to -Name and is not meant for the copy.
    private IReadOnlyList<string> NamesToMake(Vm source) => ParameterSetName switch
    {
        ByPattern => VmNames.FromPattern(NamePattern!, source.Name, Count),
        ByName when !IsPipedName(source.Name) => Name,
        _ => VmNames.Numbered((NamePrefix ?? source.Name) + "_clone", Count),
    };
}

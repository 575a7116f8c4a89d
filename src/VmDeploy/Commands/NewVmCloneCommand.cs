using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>Makes copies of a VM.</summary>
[Cmdlet(VerbsCommon.New, "VmClone", SupportsShouldProcess = true, DefaultParameterSetName = ByPrefix)]
[OutputType(typeof(Vm))]
public sealed class NewVmCloneCommand : NewVmCmdlet
{
    /// <summary>The VM to copy.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public Vm? Vm { get; set; }

    /// <summary>The name of the VM to copy; by default -NamePrefix and 1, which is what Import-VmOva makes of the same file.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("source")]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public string? SourceName { get; set; }

    /// <summary>How many copies to make.</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
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
    [ValidateRange(4, 25165824)]
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
        var source = Vm ?? await FindSourceAsync(cancellationToken);
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

    private async Task<Vm> FindSourceAsync(CancellationToken cancellationToken)
    {
        var name = SourceName ?? (NamePrefix is null ? null : NamePrefix + "1")
            ?? throw new VmDeployException(ErrorCodes.CloneSourceMissing, "No VM to copy was given.");
        var session = ResolveSession();
        var found = await session.GetVmsAsync(
            new VmQuery { NameFilter = other => other.Equals(name, System.StringComparison.OrdinalIgnoreCase) }, cancellationToken);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.VmNotFound, $"There is no VM '{name}' on {session.Server}.", name),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousVm, $"{found.Count} VMs on {session.Server} are called '{name}'.", name),
        };
    }

    // Where a VM is piped in, its own name binds to -Name and is not meant for the copy.
    private IReadOnlyList<string> NamesToMake(Vm source) => ParameterSetName == ByName && !IsPipedName(source.Name)
        ? Name
        : VmNames.Numbered((NamePrefix ?? source.Name) + "_clone", Count);
}

using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>Changes CPUs, memory, name and notes of VMs.</summary>
[Cmdlet(VerbsCommon.Set, "VmInstance", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(Vm))]
public sealed class SetVmInstanceCommand : VmChangeCmdlet
{
    private readonly HashSet<(VmSession Session, string? Datacenter, string? Folder, string Name)> _newNames = [];

    /// <summary>Virtual CPUs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("cpu", "cpu_count")]
    [WholeNumber(1, 1024)]
    public int? CpuCount { get; set; }

    /// <summary>Memory in MiB.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("memory", "memory_mb")]
    [WholeNumber(4, 25165824, Unit = "MB")]
    public long? MemoryMB { get; set; }

    /// <summary>The new name of the VM; -Name selects the VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("new_name")]
    [PlainText]
    public string? NewName { get; set; }

    /// <summary>Notes; an empty text removes them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    [PlainText]
    public string? Annotation { get; set; }

    /// <summary>Entries of the extra configuration; an empty value removes the key.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("extra_config")]
    [MapTransformation]
    public Hashtable? ExtraConfig { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var settings = new VmSettings
        {
            CpuCount = IsMeant(nameof(CpuCount)) ? CpuCount : null,
            MemoryMB = IsMeant(nameof(MemoryMB)) ? MemoryMB : null,
            NewName = NewName is "" && !IsTyped(nameof(NewName)) ? null : NewName,
            // An empty cell of a file is not a wish to remove the notes.
            Annotation = IsMeant(nameof(Annotation)) && (Annotation is not "" || IsTyped(nameof(Annotation))) ? Annotation : null,
            ExtraConfig = MapTransformationAttribute.Read(ExtraConfig),
        };
        var plan = await vm.Session.Configuration.PlanAsync(vm, settings, cancellationToken);
        if (settings.NewName is { } name && !_newNames.Add((vm.Session, vm.Datacenter, vm.Folder, name.ToUpperInvariant())))
            throw new VmDeployException(ErrorCodes.VmNameExists, $"Another VM gets the name '{name}' from the same command.", name);
        if (await ShouldProcessAsync(Describe(vm), plan.DescribeAs("Set")))
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }

    // A VM that is piped in has properties with these names, as they were when it was read.
    private bool IsMeant(string parameter) => InputObject?.BaseObject is not VmDeploy.Vm || IsTyped(parameter);
}

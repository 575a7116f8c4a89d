using System.Collections;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Makes one or more VMs from an OVA.</summary>
[Cmdlet(VerbsData.Import, "VmOva", SupportsShouldProcess = true, DefaultParameterSetName = ByPrefix)]
[OutputType(typeof(Vm))]
public sealed class ImportVmOvaCommand : NewVmCmdlet
{
    /// <summary>The <c>.ova</c>, or the <c>.ovf</c> beside its files.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ovf_path", "ova_path", "FullName", "LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = "";

    /// <summary>How many VMs to make, numbered from 1.</summary>
    [Parameter(ParameterSetName = ByPrefix, ValueFromPipelineByPropertyName = true)]
    [Alias("num_instances")]
    [ValidateRange(1, 1000)]
    public int Count { get; set; } = 1;

    /// <summary>OVF network name to network name, or one network for all.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("network_map", "network")]
    [MapTransformation(Fallback = true)]
    public Hashtable? NetworkMap { get; set; }

    /// <summary>OVF property key to value.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("properties")]
    [MapTransformation]
    public Hashtable? Property { get; set; }

    /// <summary>Id of one of the OVF's deployment options.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("deployment_option")]
    public string? DeploymentOption { get; set; }

    /// <summary>How disks take space.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("disk_provisioning")]
    public DiskProvisioning? DiskProvisioning { get; set; }

    /// <summary>The licence text has been read and is accepted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("accept_eula")]
    public SwitchParameter AcceptEula { get; set; }

    /// <summary>Notes of the VM.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string? Annotation { get; set; }

    /// <summary>Power the VMs on afterwards.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("power_on")]
    public SwitchParameter PowerOn { get; set; }

    /// <summary>How many are made at a time.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 2;

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var session = ResolveSession();
        var file = await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveOne(cmdlet, Path));
        using var package = await OvaPackage.OpenAsync(file, cancellationToken);
        var plan = await session.PlanOvaImportAsync(Request(file, package.Name), package, cancellationToken);

        var names = new List<string>();
        foreach (var name in plan.Request.Names)
        {
            if (await ShouldProcessAsync($"{name} on {session.Server}", $"Import {System.IO.Path.GetFileName(file)} to {plan.Destination}"))
                names.Add(name);
        }

        if (names.Count > 0)
            await session.ImportOvaAsync(plan, names, WriteObject, (_, failure) => WriteError(failure), Progress, cancellationToken);
    }

    private OvaImportRequest Request(string file, string otherwise) => new(file)
    {
        Names = NamesToMake(file, otherwise, Count),
        Datacenter = Datacenter,
        Datastore = Datastore,
        HostName = HostName,
        Folder = Folder,
        ResourcePool = ResourcePool,
        NetworkMap = MapTransformationAttribute.Read(NetworkMap),
        Properties = MapTransformationAttribute.Read(Property),
        DeploymentOption = DeploymentOption,
        DiskProvisioning = DiskProvisioning,
        AcceptEula = AcceptEula,
        Annotation = Annotation,
        PowerOn = PowerOn,
        ThrottleLimit = ThrottleLimit,
    };
}

namespace VmDeploy;

/// <summary>A request for VMs from an OVA.</summary>
/// <param name="Path">An <c>.ova</c>, or an <c>.ovf</c> beside its files.</param>
public record OvaImportRequest(string Path) : DeploymentRequest
{
    /// <summary>OVF property key (<c>class.id.instance</c> or <c>id</c>) to value.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Deployment option id, or null for the OVF's default.</summary>
    public string? DeploymentOption { get; init; }

    /// <summary>Disk provisioning; null leaves it to the host.</summary>
    public DiskProvisioning? DiskProvisioning { get; init; }

    /// <summary>Edit the descriptor that the host gets, so that the host does not refuse it; the file is not changed.</summary>
    public bool Adapt { get; init; }

    /// <summary>The user accepts the licence agreement of the OVF.</summary>
    public bool AcceptEula { get; init; }

    /// <summary>Upload the disks for every VM, instead of copying those of the first VM on the host.</summary>
    public bool UploadEach { get; init; }

    /// <summary>The ids of the disks that the VM has in common with other machines of its package.</summary>
    internal IReadOnlyCollection<string> SharedDisks { get; init; } = [];

    internal override IEnumerable<string> Details =>
    [
        .. DiskProvisioning is { } kind ? [$"{kind} provisioning"] : Array.Empty<string>(),
        .. DeploymentOption is { } option ? [$"deployment option '{option}'"] : Array.Empty<string>(),
        // Values can be secrets.
        .. Properties.Count > 0 ? [$"properties {VmDeploy.Names.List(Properties.Keys)}"] : Array.Empty<string>(),
        .. base.Details,
    ];
}

/// <summary>Disk provisioning (<c>OvfCreateImportSpecParams.diskProvisioning</c>).</summary>
public enum DiskProvisioning
{
    /// <summary>Space is allocated when the guest writes.</summary>
    Thin,

    /// <summary>Space is allocated at once, zeroed on first write.</summary>
    Thick,

    /// <summary>Space is allocated and zeroed at once.</summary>
    EagerZeroedThick,
}

namespace VmDeploy;

/// <summary>The kind of medium in a CD-ROM drive.</summary>
public enum CdromMediumKind
{
    /// <summary>No medium.</summary>
    Empty,

    /// <summary>An ISO file.</summary>
    Iso,

    /// <summary>The host's physical drive.</summary>
    HostDevice,
}

/// <summary>A medium for a CD-ROM drive.</summary>
/// <param name="MediumKind">The kind of medium.</param>
/// <param name="Path">For an ISO: a datastore path (<c>[datastore] dir/file.iso</c>), the name of an ISO VDI on XenServer, or a local file, which is uploaded. For a host drive: its device name, or null for the first.</param>
public sealed record CdromMedium(CdromMediumKind MediumKind, string? Path = null)
{
    internal CdromMediumKind MediumKind { get; init; } = MediumKind;

    /// <summary>The kind of medium: Empty, Iso or HostDevice (<see cref="CdromMediumKind"/>).</summary>
    public string Kind => MediumKind.ToString();

    /// <summary>No medium.</summary>
    public static CdromMedium Empty { get; } = new(CdromMediumKind.Empty);

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Path ?? Kind);
}

/// <summary>The bus of a CD-ROM drive.</summary>
public enum CdromBus
{
    /// <summary>IDE.</summary>
    Ide,

    /// <summary>SATA.</summary>
    Sata,
}

/// <summary>A CD-ROM drive of a VM, as it was when read.</summary>
/// <param name="Vm">Its VM.</param>
/// <param name="Id">The hypervisor's id for it: the device key on vSphere, the VBD's uuid on XenServer.</param>
/// <param name="Label">The hypervisor's label, for example <c>CD/DVD drive 1</c>.</param>
public sealed record VmCdrom(Vm Vm, string Id, string Label) : IVmDevice
{
    /// <summary>The medium in the drive.</summary>
    public CdromMedium Medium { get; init; } = CdromMedium.Empty;

    /// <summary>Where it is attached, for example <c>IDE 0:0</c> or <c>SATA 0:1</c>.</summary>
    public string Slot { get; init; } = "";

    /// <summary>The guest can read the medium; false while the VM is not running.</summary>
    public bool IsConnected { get; init; }

    /// <summary>The medium is connected at power-on.</summary>
    public bool StartConnected { get; init; }

    /// <summary>The medium holds the VM's cloud-init documents, and belongs to VmDeploy.</summary>
    internal bool IsOfCloudInit { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Label);
}

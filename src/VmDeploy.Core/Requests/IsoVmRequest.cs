namespace VmDeploy;

/// <summary>A request for empty VMs that boot from an ISO.</summary>
/// <param name="IsoPath">A local file, which is uploaded, or a datastore path (<c>[datastore] dir/file.iso</c>; on XenServer the name of an ISO in an ISO SR).</param>
public sealed record IsoVmRequest(string IsoPath) : DeploymentRequest
{
    /// <summary>Disk provisioning; null for thin.</summary>
    public DiskProvisioning? DiskProvisioning { get; init; }

    /// <summary>The disk controller; null for the one that the guest id recommends.</summary>
    public DiskController? DiskController { get; init; }

    /// <summary>Where a local ISO is uploaded to; null for the VM's datastore.</summary>
    public string? IsoDatastore { get; init; }

    /// <summary>The folder for a local ISO on that datastore.</summary>
    public string IsoFolder { get; init; } = "iso";

    internal override IEnumerable<string> Details =>
    [
        .. DiskProvisioning is { } kind ? [$"{kind} provisioning"] : Array.Empty<string>(),
        .. DiskController is { } controller ? [$"{controller} controller"] : Array.Empty<string>(),
        .. base.Details,
    ];

    internal bool IsEfi => Hardware.Firmware == Firmware.Efi;

    /// <summary>With the usual hardware of a VM from scratch, where none was requested.</summary>
    internal IsoVmRequest WithDefaults() => this with
    {
        Hardware = Hardware with
        {
            CpuCount = Hardware.CpuCount ?? 1,
            MemoryMB = Hardware.MemoryMB ?? 1024,
            DiskBytes = Hardware.DiskBytes ?? [16L << 30],
        },
    };
}

/// <summary>Disk controllers.</summary>
public enum DiskController
{
    /// <summary>LSI Logic parallel SCSI (<c>VirtualLsiLogicController</c>).</summary>
    LsiLogic,

    /// <summary>LSI Logic SAS (<c>VirtualLsiLogicSASController</c>).</summary>
    LsiLogicSas,

    /// <summary>Paravirtual SCSI (<c>ParaVirtualSCSIController</c>).</summary>
    ParaVirtual,

    /// <summary>AHCI (<c>VirtualAHCIController</c>).</summary>
    Sata,

    /// <summary>NVMe (<c>VirtualNVMEController</c>).</summary>
    Nvme,

    /// <summary>IDE (<c>VirtualIDEController</c>).</summary>
    Ide,
}

/// <summary>Network adapter models.</summary>
public enum NicModel
{
    /// <summary><c>VirtualVmxnet3</c>.</summary>
    Vmxnet3,

    /// <summary><c>VirtualE1000</c>.</summary>
    E1000,

    /// <summary><c>VirtualE1000e</c>.</summary>
    E1000e,
}

/// <summary>Firmware of a VM.</summary>
public enum Firmware
{
    /// <summary>Legacy BIOS.</summary>
    Bios,

    /// <summary>UEFI.</summary>
    Efi,
}

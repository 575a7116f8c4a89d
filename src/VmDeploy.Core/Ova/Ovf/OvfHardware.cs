namespace VmDeploy.Ova;

/// <summary>The virtual hardware under one deployment option.</summary>
public sealed record OvfHardware
{
    /// <summary>Virtual system types, best first as the publisher lists them, for example <c>vmx-13</c>.</summary>
    public IReadOnlyList<string> SystemTypes { get; init; } = [];

    /// <summary>Virtual CPUs; 1 if the OVF has none.</summary>
    public int CpuCount { get; init; } = 1;

    /// <summary><c>vmw:CoresPerSocket</c>.</summary>
    public int? CoresPerSocket { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Disk controllers, in order.</summary>
    public IReadOnlyList<OvfController> Controllers { get; init; } = [];

    /// <summary>Disks, in the order of controller and address.</summary>
    public IReadOnlyList<OvfHardwareDisk> Disks { get; init; } = [];

    /// <summary>CD and DVD drives, in order.</summary>
    public IReadOnlyList<OvfDrive> Drives { get; init; } = [];

    /// <summary>Network adapters, in order.</summary>
    public IReadOnlyList<OvfNic> Nics { get; init; } = [];

    /// <summary>True for EFI, false for BIOS or if the OVF has no firmware setting.</summary>
    public bool IsEfi { get; init; }

    /// <summary>EFI secure boot.</summary>
    public bool IsSecureBoot { get; init; }

    /// <summary><c>vmw:Config</c> keys and values as written.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = new Dictionary<string, string>();

    /// <summary><c>vmw:ExtraConfig</c> keys and values as written.</summary>
    public IReadOnlyDictionary<string, string> ExtraConfig { get; init; } = new Dictionary<string, string>();

    /// <summary>The same in the terms of all hypervisors; without a firmware setting in the OVF, its firmware is null.</summary>
    internal SourceHardware ToSource(string package) => new(
        package, Disks.Select(disk => disk.Disk.CapacityBytes ?? 0).ToList(), Nics.Select(nic => nic.NetworkName ?? "").ToList())
    {
        Firmware = IsEfi ? Firmware.Efi : Config.ContainsKey("firmware") ? Firmware.Bios : null,
    };
}

/// <summary>The bus of a disk controller.</summary>
public enum OvfBus
{
    /// <summary>CIM resource type 5.</summary>
    Ide,

    /// <summary>CIM resource types 6 and 7 to 9.</summary>
    Scsi,

    /// <summary>Resource type 20 with an AHCI subtype.</summary>
    Sata,

    /// <summary>Resource type 20 with an NVMe subtype.</summary>
    Nvme,
}

/// <summary>A disk controller.</summary>
/// <param name="InstanceId">What devices name as their parent.</param>
/// <param name="Bus">Kind.</param>
/// <param name="SubType">Model, for example <c>lsilogic</c>, <c>VirtualSCSI</c>, <c>vmware.sata.ahci</c>.</param>
/// <param name="Address">Bus number, where given.</param>
public sealed record OvfController(string InstanceId, OvfBus Bus, string? SubType, int? Address);

/// <summary>A disk on a controller.</summary>
/// <param name="Disk">The disk of the DiskSection.</param>
/// <param name="Controller">Its controller, when the OVF names one.</param>
/// <param name="Unit">Unit number on the controller.</param>
/// <param name="Name">Display name, for example <c>Hard disk 1</c>.</param>
public sealed record OvfHardwareDisk(OvfDisk Disk, OvfController? Controller, int Unit, string? Name);

/// <summary>A CD or DVD drive.</summary>
/// <param name="FileRef">The id of the ISO in the package, or null for an empty drive.</param>
/// <param name="Controller">Its controller, when the OVF names one.</param>
/// <param name="Unit">Unit number on the controller.</param>
public sealed record OvfDrive(string? FileRef, OvfController? Controller, int Unit);

/// <summary>A network adapter.</summary>
/// <param name="NetworkName">The OVF network, or null.</param>
/// <param name="SubType">Model, for example <c>VmxNet3</c> or <c>E1000</c>.</param>
/// <param name="Name">Display name.</param>
/// <param name="MacAddress">Fixed address, where given.</param>
public sealed record OvfNic(string? NetworkName, string? SubType, string? Name, string? MacAddress);

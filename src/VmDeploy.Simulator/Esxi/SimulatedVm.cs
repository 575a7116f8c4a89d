namespace VmDeploy.Simulator.Esxi;

/// <summary>The state of a VM in the inventory.</summary>
public sealed record SimulatedVm
{
    /// <summary>Managed object id.</summary>
    public required string Id { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>poweredOn, poweredOff or suspended.</summary>
    public required string PowerState { get; init; }

    /// <summary>Datastore path of the .vmx.</summary>
    public required string Path { get; init; }

    /// <summary>BIOS uuid.</summary>
    public required string Uuid { get; init; }

    /// <summary>Number of CPUs.</summary>
    public required int CpuCount { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required long MemoryMB { get; init; }

    /// <summary>Free text.</summary>
    public required string Annotation { get; init; }

    /// <summary>bios or efi.</summary>
    public required string Firmware { get; init; }

    /// <summary>It is a template.</summary>
    public required bool IsTemplate { get; init; }

    /// <summary>Its disks in the order of their keys.</summary>
    public required IReadOnlyList<SimulatedDisk> Disks { get; init; }

    /// <summary>Its network adapters in the order of their keys.</summary>
    public required IReadOnlyList<SimulatedNic> Nics { get; init; }

    /// <summary>Its CD-ROM drives in the order of their keys.</summary>
    public required IReadOnlyList<SimulatedCdrom> Cdroms { get; init; }

    /// <summary>Extra configuration.</summary>
    public required IReadOnlyDictionary<string, string> ExtraConfig { get; init; }
}

/// <summary>A virtual disk.</summary>
/// <param name="Label">Its label.</param>
/// <param name="DatastorePath">Its file on the datastore.</param>
/// <param name="LocalPath">The same file on this machine.</param>
/// <param name="CapacityBytes">Virtual size.</param>
/// <param name="ThinProvisioned">Takes space when it is written.</param>
/// <param name="Parent">Datastore path of the disk that it is a child of, or null.</param>
public sealed record SimulatedDisk(
    string Label, string DatastorePath, string LocalPath, long CapacityBytes, bool ThinProvisioned, string? Parent);

/// <summary>A network adapter.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Type">Its vim type, for example VirtualVmxnet3.</param>
/// <param name="MacAddress">Its address.</param>
/// <param name="Network">Name of the network.</param>
/// <param name="Connected">It is connected now.</param>
/// <param name="StartConnected">It is connected at power-on.</param>
public sealed record SimulatedNic(string Label, string Type, string MacAddress, string Network, bool Connected, bool StartConnected);

/// <summary>A CD-ROM drive.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Controller">The vim type of its controller.</param>
/// <param name="UnitNumber">Its unit on the controller.</param>
/// <param name="Iso">Datastore path of the image, or null.</param>
/// <param name="HostDevice">Name of the host's drive, or null.</param>
/// <param name="Connected">The medium is connected.</param>
/// <param name="StartConnected">The medium is connected at power-on.</param>
public sealed record SimulatedCdrom(
    string Label, string Controller, int UnitNumber, string? Iso, string? HostDevice, bool Connected, bool StartConnected);

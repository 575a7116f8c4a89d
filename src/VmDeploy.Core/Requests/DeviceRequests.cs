namespace VmDeploy;

/// <summary>A disk to add to a VM: an empty one of a size, or an existing one.</summary>
public sealed record NewDisk
{
    /// <summary>Size of an empty disk in bytes; null for an existing disk.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>An existing disk: <c>[datastore] dir/file.vmdk</c>, or the name or uuid of a VDI on XenServer.</summary>
    public string? Path { get; init; }

    /// <summary>The datastore of an empty disk; null for the VM's.</summary>
    public string? Datastore { get; init; }

    /// <summary>Provisioning of an empty disk; null for thin.</summary>
    public DiskProvisioning? Provisioning { get; init; }

    /// <summary>The kind of controller; null for that of the VM's first disk, or the one that the guest recommends.</summary>
    public DiskController? Controller { get; init; }

    /// <summary>The number of the controller, for example 1 for <c>SCSI 1</c>; null for the first with a free unit. One that doesn't exist is added.</summary>
    public int? ControllerNumber { get; init; }

    /// <summary>The unit on the controller, or the position on XenServer; null for the first free one.</summary>
    public int? Unit { get; init; }
}

/// <summary>A network adapter to add to a VM.</summary>
/// <param name="Network">The network to connect it to.</param>
public sealed record NewNetworkAdapter(string Network)
{
    /// <summary>The model; null for that of the VM's first adapter, or the one that the guest recommends.</summary>
    public NicModel? Model { get; init; }

    /// <summary>MAC address; null for one that the host generates.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Connected at once, where the VM runs, and at power-on.</summary>
    public bool Connected { get; init; } = true;
}

/// <summary>A change of a network adapter; what is null is not changed.</summary>
public sealed record NetworkAdapterChange
{
    /// <summary>The new network.</summary>
    public string? Network { get; init; }

    /// <summary>The new MAC address.</summary>
    public string? MacAddress { get; init; }

    /// <summary>Connect or disconnect, at once where the VM runs, and at power-on.</summary>
    public bool? Connected { get; init; }
}

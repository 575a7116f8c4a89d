namespace VmDeploy;

/// <summary>A part of a VM that can be changed on its own, as it was when read.</summary>
public interface IVmDevice
{
    /// <summary>Its VM.</summary>
    Vm Vm { get; }

    /// <summary>The hypervisor's label.</summary>
    string Label { get; }
}

/// <summary>A virtual disk of a VM, as it was when read.</summary>
/// <param name="Id">The hypervisor's id for it: the device key on vSphere, the VBD's uuid on XenServer.</param>
/// <param name="Label">The hypervisor's label, for example <c>Hard disk 1</c>.</param>
public sealed record VmDisk(string Id, string Label) : IVmDevice
{
    /// <summary>Its VM; null only while the VM is being read.</summary>
    public Vm Vm { get; init; } = null!;

    /// <summary>Virtual size in bytes.</summary>
    public long CapacityBytes { get; init; }

    /// <summary>Virtual size in GiB, rounded to a thousandth.</summary>
    public double CapacityGB => Math.Round(CapacityBytes / (double)(1L << 30), 3);

    /// <summary>Where it is attached, for example <c>SCSI 0:1</c>; the position on XenServer.</summary>
    public string Slot { get; init; } = "";

    /// <summary>The backing file, or the uuid of the VDI.</summary>
    public string? Path { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Label);
}

/// <summary>A network adapter of a VM, as it was when read.</summary>
/// <param name="Id">The hypervisor's id for it: the device key on vSphere, the VIF's uuid on XenServer.</param>
/// <param name="Label">The hypervisor's label, for example <c>Network adapter 1</c>.</param>
public sealed record VmNetworkAdapter(string Id, string Label) : IVmDevice
{
    /// <summary>Its VM; null only while the VM is being read.</summary>
    public Vm Vm { get; init; } = null!;

    /// <summary>MAC address, colon separated.</summary>
    public string? MacAddress { get; init; }

    /// <summary>The network that it is connected to.</summary>
    public string? NetworkName { get; init; }

    /// <summary>The model, for example <c>Vmxnet3</c>; null on XenServer, where the guest's drivers decide.</summary>
    public string? Model { get; init; }

    /// <summary>The guest reaches the network; false while the VM is not running.</summary>
    public bool IsConnected { get; init; }

    /// <summary>It is connected at power-on.</summary>
    public bool StartConnected { get; init; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Label);
}

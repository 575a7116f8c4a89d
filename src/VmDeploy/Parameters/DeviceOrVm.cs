namespace VmDeploy.PowerShell;

/// <summary>A part of a VM, or a VM or its name. PowerShell converts arguments to the classes below.</summary>
/// <typeparam name="T">The kind of part.</typeparam>
public abstract class DeviceOrVm<T>
    where T : class, IVmDevice
{
    private protected DeviceOrVm(T? device, VmOrName? vm)
    {
        Device = device;
        Vm = vm;
    }

    /// <summary>The part; null if a VM is given.</summary>
    public T? Device { get; }

    /// <summary>The VM; null if a part is given.</summary>
    public VmOrName? Vm { get; }

    /// <inheritdoc/>
    public override string ToString() => Device?.Label ?? Vm!.ToString();
}

/// <summary>A CD-ROM drive, or a VM (or its name) with only one drive.</summary>
public sealed class CdromOrVm : DeviceOrVm<VmCdrom>
{
    /// <summary>A drive.</summary>
    public CdromOrVm(VmCdrom cdrom)
        : base(cdrom, null)
    {
    }

    /// <summary>A VM.</summary>
    public CdromOrVm(Vm vm)
        : base(null, new VmOrName(vm))
    {
    }

    /// <summary>The name of a VM, with wildcards.</summary>
    public CdromOrVm(string name)
        : base(null, new VmOrName(name))
    {
    }
}

/// <summary>A disk, or a VM (or its name).</summary>
public sealed class DiskOrVm : DeviceOrVm<VmDisk>
{
    /// <summary>A disk.</summary>
    public DiskOrVm(VmDisk disk)
        : base(disk, null)
    {
    }

    /// <summary>A VM.</summary>
    public DiskOrVm(Vm vm)
        : base(null, new VmOrName(vm))
    {
    }

    /// <summary>The name of a VM, with wildcards.</summary>
    public DiskOrVm(string name)
        : base(null, new VmOrName(name))
    {
    }
}

/// <summary>A network adapter, or a VM (or its name).</summary>
public sealed class NetworkAdapterOrVm : DeviceOrVm<VmNetworkAdapter>
{
    /// <summary>An adapter.</summary>
    public NetworkAdapterOrVm(VmNetworkAdapter adapter)
        : base(adapter, null)
    {
    }

    /// <summary>A VM.</summary>
    public NetworkAdapterOrVm(Vm vm)
        : base(null, new VmOrName(vm))
    {
    }

    /// <summary>The name of a VM, with wildcards.</summary>
    public NetworkAdapterOrVm(string name)
        : base(null, new VmOrName(name))
    {
    }
}

namespace VmDeploy.PowerShell;

/// <summary>A CD-ROM drive, or a VM (or its name) with only one drive. PowerShell converts arguments to it.</summary>
public sealed class CdromOrVm
{
    /// <summary>A drive.</summary>
    public CdromOrVm(VmCdrom cdrom) => Cdrom = cdrom;

    /// <summary>A VM.</summary>
    public CdromOrVm(Vm vm) => Vm = new VmOrName(vm);

    /// <summary>The name of a VM, with wildcards.</summary>
    public CdromOrVm(string name) => Vm = new VmOrName(name);

    /// <summary>The drive; null if a VM is given.</summary>
    public VmCdrom? Cdrom { get; }

    /// <summary>The VM; null if a drive is given.</summary>
    public VmOrName? Vm { get; }

    /// <inheritdoc/>
    public override string ToString() => Cdrom?.Label ?? Vm!.ToString();
}

namespace VmDeploy.PowerShell;

/// <summary>A CD-ROM drive, or a VM or the name of one whose only drive is meant. PowerShell makes it of what it is given.</summary>
public sealed class CdromOrVm
{
    /// <summary>A drive.</summary>
    public CdromOrVm(VmCdrom cdrom) => Cdrom = cdrom;

    /// <summary>A VM.</summary>
    public CdromOrVm(Vm vm) => Vm = new VmOrName(vm);

    /// <summary>The name of a VM, with wildcards.</summary>
    public CdromOrVm(string name) => Vm = new VmOrName(name);

    /// <summary>The drive; null where a VM is given.</summary>
    public VmCdrom? Cdrom { get; }

    /// <summary>The VM; null where a drive is given.</summary>
    public VmOrName? Vm { get; }

    /// <inheritdoc/>
    public override string ToString() => Cdrom?.Label ?? Vm!.ToString();
}

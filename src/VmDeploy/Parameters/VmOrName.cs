namespace VmDeploy.PowerShell;

/// <summary>A VM, or names of VMs, for parameters that take either. PowerShell converts arguments to it.</summary>
public sealed class VmOrName
{
    /// <summary>A VM.</summary>
    public VmOrName(Vm vm) => Vm = vm;

    /// <summary>A name, with wildcards.</summary>
    public VmOrName(string name) => Name = name;

    /// <summary>The VM; null if a name is given.</summary>
    public Vm? Vm { get; }

    /// <summary>The name; null if a VM is given.</summary>
    public string? Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Vm?.Name ?? Name ?? "";
}

namespace VmDeploy.PowerShell;

/// <summary>A VM, or names of VMs, for parameters that take either. PowerShell makes it of what it is given.</summary>
public sealed class VmOrName
{
    /// <summary>A VM.</summary>
    public VmOrName(Vm vm) => Vm = vm;

    /// <summary>A name, with wildcards.</summary>
    public VmOrName(string name) => Name = name;

    /// <summary>The VM; null where there is a name.</summary>
    public Vm? Vm { get; }

    /// <summary>The name; null where there is a VM.</summary>
    public string? Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Vm?.Name ?? Name ?? "";
}

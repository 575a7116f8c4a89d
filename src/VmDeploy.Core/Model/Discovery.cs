namespace VmDeploy;

/// <summary>Something that a host has, as it was read.</summary>
/// <param name="Session">The session that it was read through.</param>
/// <param name="Id">The hypervisor's id.</param>
/// <param name="Name">Display name.</param>
public abstract record HostObject(VmSession Session, string Id, string Name)
{
    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Session.Server;

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>A datastore (vSphere) or storage repository (XenServer).</summary>
public sealed record VmDatastore(VmSession Session, string Id, string Name) : HostObject(Session, Id, Name)
{
    /// <summary>Its datacenter, in the form that -Datacenter takes; null on XenServer.</summary>
    public string? Datacenter { get; init; }

    /// <summary>The path of its folder or datastore cluster below the datacenter; empty at the top, null on XenServer.</summary>
    public string? Folder { get; init; }

    /// <summary>VMFS, NFS, vsan; lvm, ext, nfs, iso and so on.</summary>
    public string Type { get; init; } = "";

    /// <summary>Size in bytes.</summary>
    public long CapacityBytes { get; init; }

    /// <summary>Free bytes.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Size in GiB, rounded to a tenth.</summary>
    public double CapacityGB => Gibibytes.Of(CapacityBytes);

    /// <summary>Free space in GiB, rounded to a tenth.</summary>
    public double FreeGB => Gibibytes.Of(FreeBytes);

    /// <summary>It is accessible.</summary>
    public bool IsAccessible { get; init; } = true;
}

/// <summary>A network that adapters can be connected to.</summary>
public sealed record VmNetwork(VmSession Session, string Id, string Name) : HostObject(Session, Id, Name)
{
    /// <summary>Its datacenter, in the form that -Datacenter takes; null on XenServer.</summary>
    public string? Datacenter { get; init; }

    /// <summary>The path of its folder below the datacenter; empty at the top, null on XenServer.</summary>
    public string? Folder { get; init; }

    /// <summary>Standard, Distributed, Opaque; Bridge on XenServer.</summary>
    public string Type { get; init; } = "";

    /// <summary>VLAN tag, if the hypervisor reports one.</summary>
    public int? Vlan { get; init; }
}

/// <summary>A host that runs VMs.</summary>
public sealed record VmHypervisor(VmSession Session, string Id, string Name) : HostObject(Session, Id, Name)
{
    /// <summary>Full product name.</summary>
    public string Product { get; init; } = "";

    /// <summary>Product version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Physical CPU cores.</summary>
    public int CpuCores { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Memory in GiB, rounded to a tenth.</summary>
    public double MemoryGB => Gibibytes.Of(MemoryBytes);

    /// <summary>VMs can run on it: connected (enabled) and not in maintenance mode.</summary>
    public bool IsUsable { get; init; } = true;

    /// <summary>Its cluster (pool on XenServer), if any.</summary>
    public string? Cluster { get; init; }
}

/// <summary>A template for VMs.</summary>
public sealed record VmTemplate(VmSession Session, string Id, string Name) : HostObject(Session, Id, Name)
{
    /// <summary>Uuid.</summary>
    public string? Uuid { get; init; }

    /// <summary>Number of virtual CPUs.</summary>
    public int CpuCount { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMB { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>A default template of the product (XenServer).</summary>
    public bool IsDefault { get; init; }
}

internal static class Gibibytes
{
    public static double Of(long bytes) => Math.Round(bytes / (double)(1L << 30), 1);
}

using System.Collections.Generic;

namespace VmDeploy;

/// <summary>What an import of an OVA should give. Names that are null mean the host's only or default one.</summary>
/// <param name="Path">An <c>.ova</c>, or an <c>.ovf</c> beside its files.</param>
public sealed record OvaImportRequest(string Path)
{
    /// <summary>Exact names of the VMs to make, one each.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Datacenter, on vCenter.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Datastore (SR on XenServer).</summary>
    public string? Datastore { get; init; }

    /// <summary>Host to run on.</summary>
    public string? HostName { get; init; }

    /// <summary>VM folder on vCenter: a name or a path under the datacenter's VM folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Resource pool.</summary>
    public string? ResourcePool { get; init; }

    /// <summary>OVF network name to network name. An entry with the key <c>*</c> serves all others.</summary>
    public IReadOnlyDictionary<string, string> NetworkMap { get; init; } = new Dictionary<string, string>();

    /// <summary>OVF property key (<c>class.id.instance</c> or <c>id</c>) to value.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();

    /// <summary>Deployment option id, or null for the OVF's default.</summary>
    public string? DeploymentOption { get; init; }

    /// <summary>Disk provisioning; null leaves it to the host.</summary>
    public DiskProvisioning? DiskProvisioning { get; init; }

    /// <summary>The licence text of the OVF has been read and accepted.</summary>
    public bool AcceptEula { get; init; }

    /// <summary>Text that replaces the OVF's annotation.</summary>
    public string? Annotation { get; init; }

    /// <summary>Power the VMs on afterwards.</summary>
    public bool PowerOn { get; init; }

    /// <summary>How many instances are made at a time.</summary>
    public int ThrottleLimit { get; init; } = 2;
}

/// <summary>How disks take space (<c>OvfCreateImportSpecParams.diskProvisioning</c>).</summary>
public enum DiskProvisioning
{
    /// <summary>Space is taken as the guest writes.</summary>
    Thin,

    /// <summary>Space is taken at once, zeroed on first write.</summary>
    Thick,

    /// <summary>Space is taken and zeroed at once.</summary>
    EagerZeroedThick,
}

using System.Collections.Generic;

namespace VmDeploy;

/// <summary>What an import of an OVA should give.</summary>
/// <param name="Path">An <c>.ova</c>, or an <c>.ovf</c> beside its files.</param>
public sealed record OvaImportRequest(string Path) : DeploymentRequest
{
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

    /// <summary>Send the disks for every instance, instead of copying the first one on the host.</summary>
    public bool UploadEach { get; init; }
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

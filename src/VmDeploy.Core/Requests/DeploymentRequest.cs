using System;
using System.Collections.Generic;

namespace VmDeploy;

/// <summary>What to do about a name that a VM has already.</summary>
public enum ExistingVmAction
{
    /// <summary>Refuse with <c>VmNameExists</c> before anything is changed.</summary>
    Fail,

    /// <summary>Take the VM that is there as the result, so that a script can run twice.</summary>
    Reuse,

    /// <summary>
    /// Make the new one, and then remove the VM that is there, running or not, with its disks. It has another name meanwhile, and
    /// gets its own back when the new one can't be made. There must be room for both.
    /// </summary>
    Replace,
}

/// <summary>
/// What everything that makes VMs has in common. Names of places that are null mean the host's only or default one.
/// </summary>
public abstract record DeploymentRequest
{
    /// <summary>Exact names of the VMs to make, one each.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What to do about names that are taken.</summary>
    public ExistingVmAction ExistingVm { get; init; }

    /// <summary>Datacenter, on vCenter.</summary>
    public string? Datacenter { get; init; }

    /// <summary>Datastore (SR on XenServer).</summary>
    public string? Datastore { get; init; }

    /// <summary>Host or cluster to run on.</summary>
    public string? HostName { get; init; }

    /// <summary>VM folder on vCenter: a name or a path under the datacenter's VM folder.</summary>
    public string? Folder { get; init; }

    /// <summary>Resource pool.</summary>
    public string? ResourcePool { get; init; }

    /// <summary>Free text for the VM; null leaves the source's.</summary>
    public string? Annotation { get; init; }

    /// <summary>Power the VMs on afterwards.</summary>
    public bool PowerOn { get; init; }

    /// <summary>Power the VMs on and wait this long for each one's IP address; null does not wait.</summary>
    public TimeSpan? WaitForIp { get; init; }

    /// <summary>How many VMs are made at a time.</summary>
    public int ThrottleLimit { get; init; } = 2;
}

using VmDeploy.CloudInit;

namespace VmDeploy;

/// <summary>What to do if a VM with the name already exists.</summary>
public enum ExistingVmAction
{
    /// <summary>Refuse with <c>VmNameExists</c> before anything is changed.</summary>
    Fail,

    /// <summary>Return the existing VM, so that a script can be repeated.</summary>
    Reuse,

    /// <summary>
    /// Create the new VM, then remove the existing one, running or not, with its disks. The existing VM is renamed meanwhile, and
    /// gets its name back if the new one can't be created. The datastore needs space for both.
    /// </summary>
    Replace,
}

/// <summary>The part that is common to all requests for VMs. A place that is null means the host's only or default one.</summary>
public abstract record DeploymentRequest
{
    /// <summary>The exact names of the VMs to create.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What to do about names that already exist.</summary>
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

    /// <summary>Notes of the VM; null for the source's.</summary>
    public string? Annotation { get; init; }

    /// <summary>What -WhatIf shows beside hardware and places.</summary>
    internal virtual IEnumerable<string> Details => string.IsNullOrEmpty(Annotation) ? [] : ["annotation"];

    /// <summary>The hardware, where it differs from the source's.</summary>
    public HardwareRequest Hardware { get; init; } = new();

    /// <summary>The cloud-init documents for the guests; null for none.</summary>
    public CloudInitData? CloudInit { get; init; }

    /// <summary>Power the VMs on afterwards.</summary>
    public bool PowerOn { get; init; }

    /// <summary>Power the VMs on and wait this long for each one's IP address; null does not wait.</summary>
    public TimeSpan? WaitForIp { get; init; }

    /// <summary>How many VMs are created at the same time, and how many disks are transferred, over all of these VMs.</summary>
    public int ThrottleLimit { get; init; } = 2;

    /// <summary>
    /// The VMs that new ones take the place of, by name, wherever they are; as with <see cref="ExistingVmAction.Replace"/>. Empty: those of the
    /// name in the target place, if <see cref="ExistingVm"/> says so.
    /// </summary>
    internal IReadOnlyDictionary<string, Vm> Replacing { get; init; } = new Dictionary<string, Vm>();

    /// <summary>What the record of each VM gets when it is finished; null for VMs that no deployment makes.</summary>
    internal Ownership? Owner { get; init; }

    /// <summary>Limits how many VMs are created at the same time, together with other requests; null for <see cref="ThrottleLimit"/>.</summary>
    internal SemaphoreSlim? Slots { get; init; }

    /// <summary>The limit of the transfers, where this request shares it with others; null for one of its own, of <see cref="ThrottleLimit"/>.</summary>
    public TransferLimit? Transfers { get; init; }

    /// <summary>The limit of the transfers.</summary>
    internal TransferLimit SharedTransfers => Transfers ?? new TransferLimit(ThrottleLimit);

    /// <summary>The number of each VM for <c>{n}</c>, in the order of <see cref="Names"/>; null counts from 1.</summary>
    internal IReadOnlyList<int>? Numbers { get; init; }

    /// <summary>The cloud-init documents of one of the VMs.</summary>
    /// <param name="data">Those of all of them.</param>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="instanceId">Its instance-id.</param>
    internal CloudInitDocuments CreateCloudInit(CloudInitData data, string name, string instanceId)
    {
        var index = Names.ToList().IndexOf(name);
        return CloudInitDocuments.Create(data, name, Numbers?[index] ?? index + 1, instanceId);
    }
}

using VmDeploy.CloudInit;

namespace VmDeploy.Vsphere;

/// <summary>
/// How the VMs of a plan get their cloud-init documents: in variables in <c>extraConfig</c>, or on an ISO. A copy of a VM that has
/// such documents loses them, and gets meta-data with a new instance-id if nothing else was given.
/// </summary>
internal sealed class CloudInitDelivery
{
    private readonly VsphereSession _session;
    private readonly DeploymentRequest _request;
    private readonly CloudInitData? _data;
    private readonly IReadOnlyList<string> _sourceKeys;
    private readonly bool _sourceHasDrive;

    /// <summary>Creates it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="source">The VM or template that is copied; null for new VMs.</param>
    public CloudInitDelivery(VsphereSession session, DeploymentRequest request, CloneSource? source = null)
    {
        _session = session;
        _request = request;
        var present = source?.CloudInitKeys.ToList() ?? [];
        // A linked clone has the configuration of a snapshot, which may contain others.
        _sourceKeys = request is CloneRequest { Linked: true } ? [OvfEnvironment.Key, .. GuestinfoValues.Keys]
            : source?.HasOvfEnvironment == true ? [OvfEnvironment.Key, .. present] : present;
        _sourceHasDrive = source?.HasCloudInitDrive ?? false;
        _data = request.CloudInit ?? (present.Count > 0 || _sourceHasDrive
            ? new CloudInitData { Via = _sourceHasDrive ? CloudInitVia.Drive : CloudInitVia.Guestinfo }
            : null);
    }

    /// <summary>For -WhatIf.</summary>
    public IReadOnlyList<string> Summary => _data is null ? [] : [$"cloud-init {_data} {(UsesDrive ? "on a CD-ROM drive" : "in guestinfo")}"];

    private bool UsesDrive => _data?.Via == CloudInitVia.Drive;

    /// <summary>The variables of one VM, for its configuration.</summary>
    public IReadOnlyList<XElement> CreateOptions(string name, string instanceId) => _data is null || UsesDrive
        ? []
        : GuestinfoValues.Encode(_request.CreateCloudInit(_data, name, instanceId)).Select(value => ConfigSpec.Extra(value.Key, value.Value)).ToList();

    /// <summary>What removes the source's variables and its OVF environment from a copy, except those that <see cref="CreateOptions"/> replaces: an empty value removes a key.</summary>
    public IReadOnlyList<XElement> CreateRemovals()
    {
        HashSet<string> replaced = [.. CreateOptions(_request.Names[0], "").Select(option => option.Value("key")!)];
        return _sourceKeys.Where(key => !replaced.Contains(key)).Select(key => ConfigSpec.Extra(key, "")).ToList();
    }

    /// <summary>Writes the variables into the configuration of a VM that exists.</summary>
    public async Task ConfigureAsync(Vm vm, string instanceId, VmCreation creation)
    {
        if (CreateOptions(creation.Name, instanceId) is { Count: > 0 } options)
        {
            await _session.Tasks.RunAsync(MoRef.Of(vm), "ReconfigVM_Task", creation.Name, creation.CancellationToken,
                ConfigSpec.Create("spec", options));
        }
    }

    /// <summary>Gives an existing VM its drive, and removes its source's.</summary>
    public async Task FinishDriveAsync(Vm vm, string instanceId, VmCreation creation)
    {
        var iso = new CloudInitIso(_session);
        if (_data is not null && UsesDrive)
            await iso.InsertAsync(vm, _request.CreateCloudInit(_data, creation.Name, instanceId), creation);
        else if (_sourceHasDrive)
            await iso.EjectAsync(vm, creation.CancellationToken);
    }
}

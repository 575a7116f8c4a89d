namespace VmDeploy.Simulator.Esxi;

/// <summary>The options of a simulated host.</summary>
public sealed record EsxiSimulatorOptions
{
    /// <summary>Standalone host or vCenter.</summary>
    public EsxiMode Mode { get; init; } = EsxiMode.Esxi;

    /// <summary>Port for plain http; 0 lets the system choose.</summary>
    public int HttpPort { get; init; }

    /// <summary>Port for https; 0 lets the system choose.</summary>
    public int HttpsPort { get; init; }

    /// <summary>The only account.</summary>
    public string UserName { get; init; } = "root";

    /// <summary>Its password.</summary>
    public string Password { get; init; } = "VMware1!";

    /// <summary>Where datastores are kept, one folder each; null for a temporary folder that is deleted when the host stops.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Four-part API version, for example <c>8.0.2.0</c> or <c>7.0.2.0</c>. Elements that are newer are refused.</summary>
    public string ApiVersion { get; init; } = "8.0.2.0";

    /// <summary>Puts an internal id that no client knows on top of vimServiceVersions.xml, as some hosts do.</summary>
    public bool InternalVersionOnTop { get; init; }

    /// <summary>How long an import lease lives without a keep-alive.</summary>
    public TimeSpan LeaseTimeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How long a session lives without a call.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How many sessions can be open at a time.</summary>
    public int MaxSessions { get; init; } = 100;

    /// <summary>Reads but refuses writes with RestrictedVersion, as the free licence does.</summary>
    public bool FreeLicense { get; init; }

    /// <summary>Address of the vCenter that manages this host, which then refuses writes; null for none.</summary>
    public string? ManagedBy { get; init; }

    /// <summary>Capacity of each datastore in bytes.</summary>
    public long DatastoreCapacity { get; init; } = 2L << 40;

    /// <summary>The datastores are vSAN ones: MakeDirectory creates no folder at their top level.</summary>
    public bool VsanDatastores { get; init; }

    /// <summary>Powered-off VMs (vm-00001, ...) that exist from the start.</summary>
    public int VmCount { get; init; }

    /// <summary>VM folders of the first datacenter that exist from the start, as paths with slashes; for a vCenter.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [];

    /// <summary>Resource pools of the first host or cluster that exist from the start, as paths with slashes.</summary>
    public IReadOnlyList<string> ResourcePools { get; init; } = [];

    /// <summary>Further datacenters of a vCenter, as paths with slashes; each has one host and one datastore.</summary>
    public IReadOnlyList<string> Datacenters { get; init; } = [];

    /// <summary>Datastore clusters of the first datacenter of a vCenter; each has two datastores, <c>NAME-1</c> and <c>NAME-2</c>.</summary>
    public IReadOnlyList<string> StoragePods { get; init; } = [];

    /// <summary>Storage DRS is switched on for the datastore clusters.</summary>
    public bool StorageDrs { get; init; }

    /// <summary>Opaque networks of the first datacenter; for a vCenter.</summary>
    public IReadOnlyList<string> OpaqueNetworks { get; init; } = [];

    /// <summary>How a guest behaves, by the VM's name.</summary>
    public Func<string, GuestBehavior> Guest { get; init; } = _ => GuestBehavior.NoTools;

    /// <summary>Thumbprints of transfer URLs on vCenter are SHA-256, as some releases give them, not SHA-1.</summary>
    public bool LongThumbprints { get; init; }

    /// <summary>Accepts orders of faults over http at /simulator/faults.</summary>
    public bool FaultEndpoint { get; init; }

    /// <summary>How many of the last SOAP requests are kept in <see cref="EsxiSimulator.Requests"/>.</summary>
    public int RequestsKept { get; init; } = 20_000;
}

namespace VmDeploy;

/// <summary>The state of a VM at one point in time.</summary>
public sealed record VmState
{
    /// <summary>Display name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Power state.</summary>
    public PowerState PowerState { get; init; }

    /// <summary>BIOS uuid (vSphere <c>config.uuid</c>; XenServer <c>uuid</c>).</summary>
    public string? Uuid { get; init; }

    /// <summary>Number of virtual CPUs.</summary>
    public int CpuCount { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMB { get; init; }

    /// <summary>The guest's primary IP address, when its tools report one.</summary>
    public string? IpAddress { get; init; }

    /// <summary>Guest id or OS name.</summary>
    public string? GuestId { get; init; }

    /// <summary>The host that it runs on, if known.</summary>
    public string? HostName { get; init; }

    /// <summary>Its datacenter, in the form that -Datacenter takes; null on XenServer.</summary>
    public string? Datacenter { get; init; }

    /// <summary>The path of its folder below the datacenter, in the form that -Folder takes; empty at the top, null on XenServer and in a vApp.</summary>
    public string? Folder { get; init; }

    /// <summary>The path of its configuration: <c>[datastore] dir/file.vmx</c> on vSphere.</summary>
    public string? Path { get; init; }

    /// <summary>Free text.</summary>
    public string? Annotation { get; init; }

    /// <summary>Its disks.</summary>
    public IReadOnlyList<VmDisk> Disks { get; init; } = [];

    /// <summary>Its network adapters.</summary>
    public IReadOnlyList<VmNetworkAdapter> NetworkAdapters { get; init; } = [];
}

/// <summary>A virtual machine: its last read state, its session and its id.</summary>
/// <remarks>Creates the object from a read state.</remarks>
public sealed class Vm(VmSession session, string id, VmState state)
{

    /// <summary>The session that it was read through.</summary>
    public VmSession Session { get; } = session;

    /// <summary>The hypervisor's id: a managed object id on vSphere, the uuid on XenServer.</summary>
    public string Id { get; } = id;

    internal VmState State { get; private set; } = state;

    /// <summary>Its disks.</summary>
    public IReadOnlyList<VmDisk> Disks => State.Disks.Select(disk => disk with { Vm = this }).AsText();

    /// <summary>Its network adapters.</summary>
    public IReadOnlyList<VmNetworkAdapter> NetworkAdapters => State.NetworkAdapters.Select(adapter => adapter with { Vm = this }).AsText();

    /// <inheritdoc cref="VmState.Name"/>
    public string Name => State.Name;

    /// <summary>Power state: On, Off, Suspended or Paused (<see cref="VmDeploy.PowerState"/>). A string, so that JSON shows the name.</summary>
    public string PowerState => State.PowerState.ToString();

    /// <inheritdoc cref="VmState.Uuid"/>
    public string? Uuid => State.Uuid;

    /// <inheritdoc cref="VmState.CpuCount"/>
    public int CpuCount => State.CpuCount;

    /// <inheritdoc cref="VmState.MemoryMB"/>
    public long MemoryMB => State.MemoryMB;

    /// <inheritdoc cref="VmState.IpAddress"/>
    public string? IpAddress => State.IpAddress;

    /// <inheritdoc cref="VmState.GuestId"/>
    public string? GuestId => State.GuestId;

    /// <inheritdoc cref="VmState.HostName"/>
    public string? HostName => State.HostName;

    /// <inheritdoc cref="VmState.Datacenter"/>
    public string? Datacenter => State.Datacenter;

    /// <inheritdoc cref="VmState.Folder"/>
    public string? Folder => State.Folder;

    /// <inheritdoc cref="VmState.Path"/>
    public string? Path => State.Path;

    /// <inheritdoc cref="VmState.Annotation"/>
    public string? Annotation => State.Annotation;

    /// <summary>The address of its host, for tables that mix sessions.</summary>
    public string Server => Session.Server;

    /// <summary>Reads the state again.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default) =>
        State = await Session.ReadVmAsync(Id, cancellationToken);

    /// <summary>Reads the state again, synchronously; for scripts.</summary>
    public void Refresh() => Task.Run(() => RefreshAsync()).GetAwaiter().GetResult();

    /// <summary>The name, as a terminal may show it; see <see cref="PrintableText"/>.</summary>
    public override string ToString() => PrintableText.Escape(Name);
}

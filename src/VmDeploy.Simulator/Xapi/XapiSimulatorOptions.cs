namespace VmDeploy.Simulator.Xapi;

/// <summary>The options of a simulated host.</summary>
public sealed record XapiSimulatorOptions
{
    /// <summary>The loopback address that it listens on.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Port for plain http; 0 lets the system choose.</summary>
    public int HttpPort { get; init; }

    /// <summary>Port for https; 0 lets the system choose.</summary>
    public int HttpsPort { get; init; }

    /// <summary>A Unix socket to listen on as well, plain http: a client that can open it is root and needs neither password nor session.</summary>
    public string? SocketPath { get; init; }

    /// <summary>The only account.</summary>
    public string UserName { get; init; } = "root";

    /// <summary>Its password.</summary>
    public string Password { get; init; } = "xenroot";

    /// <summary>Where the disks' bytes are kept; null for a temporary folder that is deleted when the host stops.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Address of the pool's master; then this host is a slave, and answers every call with HOST_IS_SLAVE.</summary>
    public string? MasterAddress { get; init; }

    /// <summary>The master itself, for a slave with a Unix socket: calls over the socket are passed on to it.</summary>
    public XapiSimulator? Master { get; init; }

    /// <summary>Product version.</summary>
    public string ProductVersion { get; init; } = "8.4.0";

    /// <summary>How long a session lives without a call.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Sessions at a time; one more ends the oldest.</summary>
    public int MaxSessions { get; init; } = 400;

    /// <summary>The minimum duration of an asynchronous call.</summary>
    public TimeSpan TaskTime { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How long the control domain holds a disk after its import or export; an export ends when it is released, unless it breaks.</summary>
    public TimeSpan TransferLinger { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Sizes of disks are rounded up to multiples of this, as VHD-based storage does.</summary>
    public long VdiGranularity { get; init; } = 2 << 20;

    /// <summary>Physical size of the storage repositories for disks.</summary>
    public long SrSize { get; init; } = 2L << 40;

    /// <summary>Type of the local storage repository: one that begins with <c>lvm</c> reserves the whole size of each disk.</summary>
    public string LocalSrType { get; init; } = "ext";

    /// <summary>A second repository for disks, so that the choice is not obvious; the first one remains the pool's default.</summary>
    public bool HasDefaultSr { get; init; } = true;

    /// <summary>Halted VMs (vm-00001, ...) that exist from the start.</summary>
    public int VmCount { get; init; }

    /// <summary>How a guest behaves, by the VM's name.</summary>
    public Func<string, XapiGuest> Guest { get; init; } = _ => XapiGuest.NoTools;

    /// <summary>How many of the last calls are kept.</summary>
    public int CallsKept { get; init; } = 20_000;

    /// <summary>Called with the body of every call, from any thread.</summary>
    public Action<byte[]>? Received { get; init; }
}

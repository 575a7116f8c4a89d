namespace VmDeploy.Simulator.Esxi;

/// <summary>What the operating system in a VM does.</summary>
public sealed record GuestBehavior
{
    /// <summary>A guest without VMware Tools: no address, no clean shutdown.</summary>
    public static GuestBehavior NoTools { get; } = new();

    /// <summary>A guest with tools that starts and shuts down at once.</summary>
    public static GuestBehavior WithTools { get; } = new() { HasTools = true };

    /// <summary>VMware Tools are running in it.</summary>
    public bool HasTools { get; init; }

    /// <summary>From power on until tools run and the address is known.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From the request to shut down until the power is off; null for a guest that never shuts down.</summary>
    public TimeSpan? ShutdownTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The address that it reports; null for one derived from the VM's number.</summary>
    public string? IpAddress { get; init; }

    /// <summary>It has mounted and locked its CD-ROM, so that an eject raises a question.</summary>
    public bool LocksCdrom { get; init; }
}

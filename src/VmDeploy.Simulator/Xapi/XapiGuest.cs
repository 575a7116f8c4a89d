namespace VmDeploy.Simulator.Xapi;

/// <summary>What the operating system in a VM does.</summary>
public sealed record XapiGuest
{
    /// <summary>A guest without the guest tools: no address, no clean shutdown.</summary>
    public static XapiGuest NoTools { get; } = new();

    /// <summary>A guest with tools that starts and shuts down soon.</summary>
    public static XapiGuest WithTools { get; } = new() { HasTools = true };

    /// <summary>The guest tools are running in it.</summary>
    public bool HasTools { get; init; }

    /// <summary>From start until the tools report an address.</summary>
    public TimeSpan BootTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From the request to shut down until it is halted; null for a guest that never shuts down.</summary>
    public TimeSpan? ShutdownTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>It has locked the tray of its CD drive.</summary>
    public bool LocksCdrom { get; init; }

    /// <summary>It uses its disks and interfaces, and does not release them.</summary>
    public bool HoldsDevices { get; init; }
}

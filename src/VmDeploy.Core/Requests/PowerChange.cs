namespace VmDeploy;

/// <summary>What happens to the power of a VM.</summary>
public enum PowerAction
{
    /// <summary>Powered on, or resumed.</summary>
    Start,

    /// <summary>Shut down by the guest, or powered off.</summary>
    Stop,

    /// <summary>Restarted by the guest, or reset.</summary>
    Restart,

    /// <summary>Saved to disk.</summary>
    Suspend,

    /// <summary>Resumed after it was suspended or paused.</summary>
    Resume,
}

/// <summary>A change of a VM's power state.</summary>
/// <param name="Action">What is to happen.</param>
public sealed record PowerChange(PowerAction Action)
{
    /// <summary>Power off or reset at once instead of asking the guest.</summary>
    public bool Force { get; init; }

    /// <summary>Time limit for the guest to shut down; the change then fails with <c>GuestShutdownTimeout</c>.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

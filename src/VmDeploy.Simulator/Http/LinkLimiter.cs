namespace VmDeploy.Simulator.Http;

/// <summary>Holds transfers down to a common rate.</summary>
internal sealed class LinkLimiter(Func<long?> bytesPerSecond)
{
    // A timer that rings late may be made up for, so that the rate is met on average.
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private DateTime _free = DateTime.MinValue;

    /// <summary>A piece small enough to keep a slow link smooth, in bytes.</summary>
    public int PieceSize => bytesPerSecond() is { } rate ? (int)Math.Clamp(rate / 20, 512, 1 << 20) : 1 << 20;

    /// <summary>Waits until the link has carried so many bytes.</summary>
    public Task TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        if (bytesPerSecond() is not { } rate)
            return Task.CompletedTask;
        TimeSpan wait;
        lock (_gate)
        {
            var now = DateTime.UtcNow;
            var earliest = now - s_slack;
            _free = (_free > earliest ? _free : earliest) + TimeSpan.FromSeconds((double)bytes / rate);
            wait = _free - now;
        }
        return wait > TimeSpan.Zero ? Task.Delay(wait, cancellationToken) : Task.CompletedTask;
    }
}

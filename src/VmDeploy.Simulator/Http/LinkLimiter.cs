namespace VmDeploy.Simulator.Http;

/// <summary>Limits transfers to a common rate.</summary>
internal sealed class LinkLimiter(Func<long?> bytesPerSecond)
{
    // The delay of a late timer is made up for, so that the rate is right on average.
    private static readonly TimeSpan s_slack = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private DateTime _free = DateTime.MinValue;

    /// <summary>A piece in bytes, small enough for a steady rate on a slow link.</summary>
    public int PieceSize => bytesPerSecond() is { } rate ? (int)Math.Clamp(rate / 20, 512, 1 << 20) : 1 << 20;

    /// <summary>Waits until the link has transferred this number of bytes.</summary>
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

using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Simulator.Http;

/// <summary>Holds transfers down to a common rate.</summary>
internal sealed class LinkLimiter(Func<long?> bytesPerSecond)
{
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
            _free = (_free > now ? _free : now) + TimeSpan.FromSeconds((double)bytes / rate);
            wait = _free - now;
        }
        return Task.Delay(wait, cancellationToken);
    }
}

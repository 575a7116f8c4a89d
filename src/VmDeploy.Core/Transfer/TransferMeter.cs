using System.Diagnostics;

namespace VmDeploy.Transfer;

/// <summary>Counts the bytes of one transfer and reports them with rate and time left.</summary>
internal sealed class TransferMeter(IProgress<OperationProgress> progress, OperationProgress template)
{
    // The rate is that of the last few seconds, so that an old stall soon leaves the estimate.
    private const double SmoothingSeconds = 5;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly object _lock = new();
    private TimeSpan _lastTime;
    private long _lastBytes;
    private long _done;
    private double? _rate;

    public long Done
    {
        get { lock (_lock) return _done; }
    }

    /// <summary>How much of so many bytes is done, for a host that wants to know; 100 % is the host's to say.</summary>
    public int PercentOf(long total) => total > 0 ? (int)Math.Min(99, Done * 100 / total) : 0;

    /// <summary>Counts bytes; negative when a retry starts over.</summary>
    public void Add(long bytes)
    {
        OperationProgress report;
        lock (_lock)
        {
            _done += bytes;
            var now = _clock.Elapsed;
            var seconds = (now - _lastTime).TotalSeconds;
            if (seconds >= 0.1)
            {
                var rate = Math.Max(0, _done - _lastBytes) / seconds;
                var weight = 1 - Math.Exp(-seconds / SmoothingSeconds);
                _rate = _rate is { } old ? old + weight * (rate - old) : rate;
                (_lastTime, _lastBytes) = (now, _done);
            }
            report = Report();
        }
        progress.Report(report);
    }

    public void Complete()
    {
        OperationProgress report;
        lock (_lock)
            report = Report() with { IsCompleted = true };
        progress.Report(report);
    }

    private OperationProgress Report() => template with
    {
        BytesDone = _done,
        BytesPerSecond = _rate,
        TimeLeft = _rate > 1 && template.BytesTotal is { } total
            ? TimeSpan.FromSeconds(Math.Min((total - _done) / _rate.Value, TimeSpan.MaxValue.TotalSeconds / 2))
            : null,
    };
}

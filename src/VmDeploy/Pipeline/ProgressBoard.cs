using System.Diagnostics;

namespace VmDeploy.PowerShell;

/// <summary>
/// The progress bars of one cmdlet. Keeps the newest report of each bar and shows it about five times a second,
/// so that a fast upload and a slow console don't delay each other. Not thread-safe; the dispatcher's lock guards it.
/// </summary>
internal sealed class ProgressBoard
{
    private const long IntervalMilliseconds = 200;
    private static int s_lastActivityId;

    // Parts before their parent operation, so that they are removed first.
    private readonly SortedDictionary<int, Bar> _bars = new(Comparer<int>.Create((a, b) => b.CompareTo(a)));
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Time until the next record is due, unless something is reported.</summary>
    public TimeSpan UntilDue
    {
        get
        {
            var next = _bars.Values.Where(bar => bar.Pending is not null).Select(bar => bar.DueAt).DefaultIfEmpty(-1).Min();
            return next < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Max(0, next - _clock.ElapsedMilliseconds));
        }
    }

    public void Report(OperationProgress progress)
    {
        var bar = BarOf(progress.Id);
        bar.Pending = progress;
        bar.ParentId = progress.ParentId < 0 ? -1 : BarOf(progress.ParentId).ActivityId;
        if (progress.IsCompleted)
            bar.DueAt = 0;
    }

    public ProgressRecord? TakeDue()
    {
        var now = _clock.ElapsedMilliseconds;
        foreach (var bar in _bars.Values)
        {
            if (bar.Pending is not { } progress || bar.DueAt > now)
                continue;
            bar.Pending = null;
            bar.DueAt = now + IntervalMilliseconds;
            bar.Activity = progress.Activity;
            if (progress.IsCompleted)
                _bars.Remove(progress.Id);
            return ProgressText.ToRecord(progress, bar.ActivityId, bar.ParentId);
        }

        return null;
    }

    public IReadOnlyList<ProgressRecord> CompleteAll()
    {
        var shown = _bars.Values.Where(bar => bar.Activity is not null)
            .Select(bar => new ProgressRecord(bar.ActivityId, bar.Activity, " ") { RecordType = ProgressRecordType.Completed })
            .ToList();
        _bars.Clear();
        return shown;
    }

    private Bar BarOf(int id)
    {
        if (!_bars.TryGetValue(id, out var bar))
            _bars.Add(id, bar = new Bar(Interlocked.Increment(ref s_lastActivityId)));
        return bar;
    }

    private sealed class Bar(int activityId)
    {
        public int ActivityId { get; } = activityId;
        public int ParentId { get; set; } = -1;
        public OperationProgress? Pending { get; set; }
        public long DueAt { get; set; }
        public string? Activity { get; set; }
    }
}

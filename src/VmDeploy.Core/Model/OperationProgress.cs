namespace VmDeploy;

/// <summary>The progress of one step of an operation: in bytes if <see cref="BytesTotal"/> is set, otherwise in percent or unknown.</summary>
/// <param name="Id">The progress bar: 0 for the operation, from 1 for its parts; constant while the operation runs.</param>
/// <param name="Activity">The operation, for example <c>Importing tinyVM1</c>.</param>
/// <param name="Status">The step, for example <c>disk-0.vmdk</c>.</param>
public sealed record OperationProgress(int Id, string Activity, string Status)
{
    /// <summary>The parent bar, or -1.</summary>
    public int ParentId { get; init; } = -1;

    /// <summary>Bytes sent or read so far.</summary>
    public long BytesDone { get; init; }

    /// <summary>Total number of bytes, if known.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>0..100 for work that is not counted in bytes, or null.</summary>
    public int? Percent { get; init; }

    /// <summary>Bytes per second, smoothed; null until it is known.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Time left at the current rate; null until it is known.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>True on the last report of this bar.</summary>
    public bool IsCompleted { get; init; }
}

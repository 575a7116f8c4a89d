using System;

namespace VmDeploy;

/// <summary>How far one step of an operation has come. Bytes where <see cref="BytesTotal"/> is set, else percent or nothing.</summary>
/// <param name="Id">Which bar: 0 for the operation, 1.. for its parts; stable while the operation runs.</param>
/// <param name="Activity">The operation, for example <c>Importing tinyVM1</c>.</param>
/// <param name="Status">The step, for example <c>disk-0.vmdk</c>.</param>
public sealed record OperationProgress(int Id, string Activity, string Status)
{
    /// <summary>The bar that this one stands under, or -1.</summary>
    public int ParentId { get; init; } = -1;

    /// <summary>Bytes sent or read so far.</summary>
    public long BytesDone { get; init; }

    /// <summary>Bytes in all, when known.</summary>
    public long? BytesTotal { get; init; }

    /// <summary>0..100 for work that is not counted in bytes, or null.</summary>
    public int? Percent { get; init; }

    /// <summary>Bytes per second, smoothed; null until it is known.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Time left at the present rate; null until it is known.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>True on the last report of this bar.</summary>
    public bool IsCompleted { get; init; }
}

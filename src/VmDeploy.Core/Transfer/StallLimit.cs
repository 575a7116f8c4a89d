namespace VmDeploy.Transfer;

/// <summary>The time limit of a transfer. It counts from the last byte that moved, and not while the other side of the transfer is waited for.</summary>
internal sealed class StallLimit(CancellationTokenSource limit, TimeSpan timeout)
{
    /// <summary>Bytes have moved, or are waited for: the time begins anew.</summary>
    public void Restart() => limit.CancelAfter(timeout);

    /// <summary>The other side has its turn.</summary>
    public void Pause() => limit.CancelAfter(Timeout.InfiniteTimeSpan);
}

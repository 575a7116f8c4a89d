using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>One VM of a plan during its creation: its name, its progress bar and its rollback scope.</summary>
internal sealed class VmCreation(
    string name, OperationProgress bar, RollbackScope scope, TransferLimit transfers, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
{
    private TransferMeter? _meter;
    private long _sent;

    public string Name { get; } = name;
    public RollbackScope Scope { get; } = scope;
    public TransferLimit Transfers { get; } = transfers;

    /// <summary>The disks that it has in common with other VMs; null for a VM that is created alone.</summary>
    public SharedDisks? Shared { get; init; }

    public CancellationToken CancellationToken { get; } = cancellationToken;
    public long BytesSent => Interlocked.Read(ref _sent);

    public void AddSent(long bytes) => Interlocked.Add(ref _sent, bytes);

    public void ReportPercent(int percent) => progress.Report(bar with { Percent = percent });

    public TransferMeter Measure(string file, long bytes) =>
        _meter = new TransferMeter(progress, bar with { Status = file, BytesTotal = bytes });

    public void End()
    {
        if (_meter is not null)
            _meter.Complete();
        else
            progress.Report(bar with { IsCompleted = true });
    }
}

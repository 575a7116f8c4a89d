using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>One VM of a plan during its creation: its name, its progress bar and its rollback scope.</summary>
internal sealed class VmCreation(string name, OperationProgress bar, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
{
    private TransferMeter? _meter;

    public string Name { get; } = name;
    public RollbackScope Scope { get; } = scope;
    public CancellationToken CancellationToken { get; } = cancellationToken;
    public long BytesSent { get; set; }

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

using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>One VM of a plan during its creation: its name, its progress bar and its rollback scope.</summary>
internal sealed class VmCreation(string name, OperationProgress bar, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
{
    private readonly IProgress<OperationProgress> _progress = progress;
    private readonly OperationProgress _bar = bar;
    private TransferMeter? _meter;

    public string Name { get; } = name;
    public RollbackScope Scope { get; } = scope;
    public CancellationToken CancellationToken { get; } = cancellationToken;
    public long BytesSent { get; set; }

    public void ReportPercent(int percent) => _progress.Report(_bar with { Percent = percent });

    public TransferMeter Measure(string file, long bytes) =>
        _meter = new TransferMeter(_progress, _bar with { Status = file, BytesTotal = bytes });

    public void End()
    {
        if (_meter is not null)
            _meter.Complete();
        else
            _progress.Report(_bar with { IsCompleted = true });
    }
}

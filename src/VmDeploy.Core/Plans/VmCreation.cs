using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>One VM of a plan during its creation: its name, its progress bar and its rollback scope.</summary>
/// <param name="name">The VM's name.</param>
/// <param name="bar">Its progress bar.</param>
/// <param name="scope">Rolls the VM back if it is not finished.</param>
/// <param name="progress">Receives the reports.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class VmCreation(string name, OperationProgress bar, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
{
    private readonly IProgress<OperationProgress> _progress = progress;
    private readonly OperationProgress _bar = bar;
    private TransferMeter? _meter;

    public string Name { get; } = name;

    public RollbackScope Scope { get; } = scope;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Number of bytes sent.</summary>
    public long BytesSent { get; set; }

    /// <summary>Reports its progress, 0 to 100.</summary>
    public void ReportPercent(int percent) => _progress.Report(_bar with { Percent = percent });

    /// <summary>Counts uploaded bytes on its bar.</summary>
    public TransferMeter Measure(string file, long bytes) =>
        _meter = new TransferMeter(_progress, _bar with { Status = file, BytesTotal = bytes });

    /// <summary>Completes the bar.</summary>
    public void End()
    {
        if (_meter is not null)
            _meter.Complete();
        else
            _progress.Report(_bar with { IsCompleted = true });
    }
}

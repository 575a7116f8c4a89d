using System;
using System.Threading;
using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>One VM of a plan while it is created: its name, its progress bar, and the scope that rolls it back.</summary>
internal sealed class VmCreation
{
    private readonly IProgress<OperationProgress> _progress;
    private readonly OperationProgress _bar;
    private TransferMeter? _meter;

    /// <param name="name">The VM's name.</param>
    /// <param name="bar">Its progress bar.</param>
    /// <param name="scope">Removes what was made, if the VM is not finished.</param>
    /// <param name="progress">Gets the reports.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public VmCreation(string name, OperationProgress bar, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        Name = name;
        Scope = scope;
        CancellationToken = cancellationToken;
        _bar = bar;
        _progress = progress;
    }

    public string Name { get; }

    public RollbackScope Scope { get; }

    public CancellationToken CancellationToken { get; }

    /// <summary>Bytes that were sent for it.</summary>
    public long BytesSent { get; set; }

    /// <summary>Reports how far it is, 0..100.</summary>
    public void ReportPercent(int percent) => _progress.Report(_bar with { Percent = percent });

    /// <summary>Counts the bytes of an upload on its bar.</summary>
    public TransferMeter Measure(string file, long bytes) =>
        _meter = new TransferMeter(_progress, _bar with { Status = file, BytesTotal = bytes });

    /// <summary>Ends the bar.</summary>
    public void End()
    {
        if (_meter is not null)
            _meter.Complete();
        else
            _progress.Report(_bar with { IsCompleted = true });
    }
}

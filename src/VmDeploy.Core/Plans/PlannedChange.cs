using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>A change whose every name has been resolved and whose input has been checked; nothing has been changed yet.</summary>
/// <typeparam name="T">What it results in.</typeparam>
public sealed class PlannedChange<T>
{
    private readonly Func<IProgress<OperationProgress>, CancellationToken, Task<T>> _run;

    internal PlannedChange(string description, Func<IProgress<OperationProgress>, CancellationToken, Task<T>> run)
    {
        Description = description;
        _run = run;
    }

    /// <summary>What it concerns on the host, in words for -WhatIf, for example <c>[datastore1] iso/tiny.iso</c>.</summary>
    public string Description { get; }

    /// <summary>Carries it out; what fails is taken back.</summary>
    /// <param name="progress">Bytes of an upload.</param>
    /// <param name="cancellationToken">Stops an upload.</param>
    public Task<T> RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken) => _run(progress, cancellationToken);
}

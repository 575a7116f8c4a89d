namespace VmDeploy;

/// <summary>A change with all names resolved and all input checked; nothing has been changed yet.</summary>
/// <typeparam name="T">The result.</typeparam>
public sealed class PlannedChange<T>
{
    private const string Unchanged = "nothing to change";

    private readonly Func<IProgress<OperationProgress>, CancellationToken, Task<T>> _run;

    internal PlannedChange(string description, Func<IProgress<OperationProgress>, CancellationToken, Task<T>> run)
    {
        Description = description;
        _run = run;
    }

    /// <summary>The object concerned, for -WhatIf, for example <c>[datastore1] iso/tiny.iso</c>.</summary>
    public string Description { get; }

    /// <summary>What is there already is what was asked for; executing it changes nothing.</summary>
    public bool ChangesNothing { get; init; }

    /// <summary>The local file that it writes, if any.</summary>
    public string? LocalPath { get; init; }

    /// <summary>The file on a datastore that it writes, if any.</summary>
    public string? HostPath { get; init; }

    /// <summary>An action with this change, for -WhatIf, for example <c>Grow: 1 GB -> 2 GB</c> or <c>Grow: nothing to change</c>.</summary>
    public string DescribeAs(string action) => $"{action}: {(ChangesNothing ? Unchanged : Description)}";

    /// <summary>Executes the change; rolls back if it fails.</summary>
    /// <param name="progress">Receives the progress of an upload.</param>
    /// <param name="cancellationToken">Stops an upload.</param>
    public Task<T> RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken) => _run(progress, cancellationToken);
}

namespace VmDeploy;

/// <summary>VMs to be created, with every name resolved and all input checked; nothing has been changed yet.</summary>
public interface IDeploymentPlan
{
    /// <summary>The session.</summary>
    VmSession Session { get; }

    /// <summary>The names of the VMs.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Whether creating this one removes an existing VM.</summary>
    bool Replaces(string name);

    /// <summary>The action for one of the names, for -WhatIf: lists everything that will be created.</summary>
    string Describe(string name);

    /// <summary>
    /// Creates the VMs, a few at a time. What fails is rolled back and does not stop the others.
    /// Returns when all have ended, even after a cancellation.
    /// </summary>
    /// <param name="names">Which of <see cref="Names"/>.</param>
    /// <param name="done">Called for each finished VM, one call at a time; also for one that was created but could not be started.</param>
    /// <param name="failed">Called for each name that failed, one call at a time.</param>
    /// <param name="progress">Bar 0 is the operation, from 1 the VMs.</param>
    /// <param name="cancellationToken">Stops; unfinished VMs are rolled back before this returns.</param>
    Task RunAsync(
        IReadOnlyList<string> names, Action<Vm> done, Action<string, VmDeployException> failed, IProgress<OperationProgress> progress, CancellationToken cancellationToken);
}

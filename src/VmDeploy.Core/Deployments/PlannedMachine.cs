namespace VmDeploy;

/// <summary>One machine of a plan; nothing has been changed yet.</summary>
/// <param name="Status">How it compares.</param>
/// <param name="Action">What a run does.</param>
/// <param name="Description">What a run does in words, for -WhatIf.</param>
public sealed record PlannedMachine(MachineStatus Status, MachineAction Action, string Description)
{
    /// <summary>Why a run can't make it as wanted; null if it can.</summary>
    public VmDeployException? Refusal { get; init; }

    /// <summary>A run removes a VM, or powers one off without asking its guest.</summary>
    public bool IsDestructive => Action is MachineAction.Replace or MachineAction.Remove || IsPoweredOff;

    /// <summary>Nothing is changed, but a run may wait until the machine is ready, and reports it then.</summary>
    public bool IsAwaited => Action == MachineAction.None && Refusal is null && Status.Spec?.WaitFor is not null && Status.Vm is not null;

    internal MachineSpec Spec => Status.Spec!;

    /// <summary>The VM must be off for its changes.</summary>
    internal bool NeedsStop { get; init; }

    /// <summary>The running VM that must be off while it is copied.</summary>
    internal Vm? StoppedSource { get; init; }

    internal bool IsPoweredOff { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Status.Name} on {Status.Server}";
}

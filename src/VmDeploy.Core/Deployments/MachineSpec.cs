namespace VmDeploy;

/// <summary>The state that a machine of a deployment should have.</summary>
public enum MachineState
{
    /// <summary>It exists; its power state is left as it is.</summary>
    Present,

    /// <summary>It exists and runs.</summary>
    Running,

    /// <summary>It exists and is off.</summary>
    Stopped,

    /// <summary>It does not exist.</summary>
    Absent,
}

/// <summary>One machine of a deployment, with every value of its file read.</summary>
/// <param name="Entry">The name of its entry in the file.</param>
/// <param name="Name">The name of the VM.</param>
/// <param name="Number">Its number in the entry, from 1.</param>
/// <param name="Session">Its host.</param>
/// <param name="Source">What it is made from.</param>
public sealed record MachineSpec(string Entry, string Name, int Number, VmSession Session, MachineSource Source)
{
    /// <summary>The state that it should have.</summary>
    public MachineState State { get; init; }

    /// <summary>Names of machines or of entries that must be as wanted before this one is made.</summary>
    public IReadOnlyList<string> DependsOn { get; init; } = [];

    /// <summary>What makes it ready for the machines that depend on it; null for its power state.</summary>
    public VmCondition? WaitFor { get; init; }

    /// <summary>Time limit for <see cref="WaitFor"/>, and for a guest that must shut down.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>An ISO in its CD-ROM drive that is not part of its source; an empty text for an empty drive, null for none.</summary>
    public string? Iso { get; init; }

    internal DeploymentRequest Wanted => Source.Request;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} on {Session.Server}";
}

/// <summary>A deployment: machines on one or more hosts.</summary>
/// <param name="Name">Its name, which the VMs carry.</param>
/// <param name="Hosts">The hosts of its file, also those without machines.</param>
/// <param name="Machines">Its machines; names are unique on each host.</param>
public sealed record DeploymentSpec(string Name, IReadOnlyList<VmSession> Hosts, IReadOnlyList<MachineSpec> Machines)
{
    /// <summary>Names of machines of the file that can't be worked on now, because a host can't be reached; their VMs are not extra.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
}

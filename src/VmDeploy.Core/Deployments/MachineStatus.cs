namespace VmDeploy;

/// <summary>How a machine of a deployment compares with its host.</summary>
public enum MachineStatusKind
{
    /// <summary>It is as the file wants it.</summary>
    AsWanted,

    /// <summary>It does not exist.</summary>
    Missing,

    /// <summary>It exists, and differs.</summary>
    Different,

    /// <summary>Made by the deployment, and not in the file any more, or absent there.</summary>
    Extra,

    /// <summary>Its name is that of a VM that the deployment has not made.</summary>
    Taken,

    /// <summary>It could not be compared; an error says why.</summary>
    Unknown,
}

/// <summary>What a run does with a machine.</summary>
public enum MachineAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Creates it.</summary>
    Create,

    /// <summary>Changes it.</summary>
    Change,

    /// <summary>Creates it anew, and removes the old VM when the new one is finished.</summary>
    Replace,

    /// <summary>Removes it with its disks.</summary>
    Remove,
}

/// <summary>What a change of a machine costs.</summary>
public enum ChangeCost
{
    /// <summary>The VM is changed; whether it must be stopped depends on the host and the guest.</summary>
    Change,

    /// <summary>The VM must be replaced.</summary>
    Replace,
}

/// <summary>One property in which a machine differs.</summary>
/// <param name="Property">The property, by its key in the file.</param>
/// <param name="Wanted">The value in the file.</param>
/// <param name="Found">The value on the host.</param>
/// <param name="ChangeCost">What a change costs.</param>
public sealed record MachineDifference(string Property, string Wanted, string Found, ChangeCost ChangeCost)
{
    internal ChangeCost ChangeCost { get; init; } = ChangeCost;

    /// <summary>What a change costs: Change or Replace (<see cref="VmDeploy.ChangeCost"/>).</summary>
    public string Cost => ChangeCost.ToString();

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Found.Length == 0 && Wanted.Length == 0 ? Property : $"{Property}: {Found} -> {Wanted}");
}

/// <summary>A machine of a deployment, compared with its host.</summary>
/// <param name="Deployment">The name of the deployment.</param>
/// <param name="Name">The name of the machine.</param>
/// <param name="Server">Its host.</param>
/// <param name="Kind">How it compares.</param>
/// <param name="Differences">In what it differs.</param>
/// <param name="Vm">The VM; null if there is none.</param>
public sealed record MachineStatus(
    string Deployment, string Name, string Server, MachineStatusKind Kind, IReadOnlyList<MachineDifference> Differences, Vm? Vm)
{
    internal MachineStatusKind Kind { get; init; } = Kind;

    /// <summary>In what it differs.</summary>
    public IReadOnlyList<MachineDifference> Differences { get; init => field = value.AsText(); } = Differences.AsText();

    /// <summary>How it compares, for example AsWanted (<see cref="MachineStatusKind"/>).</summary>
    public string Status => Kind.ToString();

    /// <summary>What a run has done with it, for example Create (<see cref="MachineAction"/>); null where nothing was run.</summary>
    public string? Action => Done?.ToString();

    internal MachineAction? Done { get; init; }

    /// <summary>Why it could not be compared.</summary>
    public string? Problem => Failure?.Message;

    internal VmDeployException? Failure { get; init; }

    internal MachineSpec? Spec { get; init; }

    internal DeployedVm? Found { get; init; }

    /// <summary>The VM was set aside by a run that replaced its machine, and is left.</summary>
    internal bool IsSetAside => Spec is null && Vm is not null && VmReplacement.NameBefore(Vm.Name) is not null;

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Name);
}

namespace VmDeploy;

/// <summary>What a run of a deployment may do beside creating machines and changing those that go on.</summary>
public sealed record DeploymentOptions
{
    /// <summary>Stop running machines for changes that need it, and start them again.</summary>
    public bool AllowRestart { get; init; }

    /// <summary>Power machines off that must be stopped, instead of asking their guests.</summary>
    public bool Force { get; init; }

    /// <summary>Replace machines that can't be changed; the old VM is removed when the new one is finished.</summary>
    public bool AllowReplace { get; init; }

    /// <summary>Remove machines that are no longer in the file.</summary>
    public bool Prune { get; init; }

    /// <summary>How many machines are worked on at the same time, over all hosts.</summary>
    public int ThrottleLimit { get; init; } = 4;
}

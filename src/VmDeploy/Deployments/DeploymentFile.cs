namespace VmDeploy.PowerShell;

/// <summary>A host of a deployment's file. Logins are never part of the file.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Server">Host name or address.</param>
/// <param name="IsXapi">XenServer or XCP-ng; otherwise ESXi or vCenter.</param>
internal sealed record DeploymentHost(string Name, string Server, bool IsXapi)
{
    public int? Port { get; init; }
    public string? Thumbprint { get; init; }
    public string? ViaSsh { get; init; }
    public bool SkipCertificateCheck { get; init; }

    /// <summary>The name of a secret that SecretManagement has.</summary>
    public string? Secret { get; init; }
}

/// <summary>A machine of a deployment's file.</summary>
/// <param name="Entry">The name of its entry.</param>
/// <param name="Name">The name of the VM.</param>
/// <param name="Number">Its number in the entry, from 1.</param>
/// <param name="Host">The name of its host in the file.</param>
/// <param name="Source">What it is made from; the same object for machines that are made together.</param>
internal sealed record DeploymentMachine(string Entry, string Name, int Number, string Host, MachineSource Source)
{
    public string NamePattern { get; init; } = Name;
    public MachineState State { get; init; } = MachineState.Running;
    public IReadOnlyList<string> DependsOn { get; init; } = [];
    public VmCondition? WaitFor { get; init; }
    public TimeSpan Timeout { get; init; }
    public string? Iso { get; init; }
}

/// <summary>A deployment's file, read and checked without a host.</summary>
/// <param name="Name">The name of the deployment.</param>
/// <param name="Hosts">Its hosts.</param>
/// <param name="Machines">Its machines.</param>
internal sealed record DeploymentFile(string Name, IReadOnlyList<DeploymentHost> Hosts, IReadOnlyList<DeploymentMachine> Machines)
{
    /// <summary>The deployment on open sessions.</summary>
    public DeploymentSpec On(IReadOnlyDictionary<string, VmSession> sessions) => new(Name, Hosts.Select(host => sessions[host.Name]).ToList(),
        Machines.Select(one => new MachineSpec(one.Entry, one.Name, one.Number, sessions[one.Host], one.Source)
        {
            NamePattern = one.NamePattern,
            State = one.State,
            DependsOn = one.DependsOn,
            WaitFor = one.WaitFor,
            Timeout = one.Timeout,
            Iso = one.Iso,
        }).ToList());
}

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

    /// <summary>The same for two names of one server.</summary>
    public string Endpoint => $"{Server.ToUpperInvariant()} {Port ?? 443} {IsXapi} {ViaSsh}";
}

/// <summary>A machine of a deployment's file.</summary>
/// <param name="Entry">The name of its entry.</param>
/// <param name="Name">The name of the VM.</param>
/// <param name="Number">Its number in the entry, from 1.</param>
/// <param name="Host">The name of its host in the file.</param>
/// <param name="Source">What it is made from; the same object for machines that are made together.</param>
internal sealed record DeploymentMachine(string Entry, string Name, int Number, string Host, MachineSource Source)
{
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
    /// <summary>The deployment on open sessions. A machine is left out if its host has none, or if it depends on one that is left out.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentFileInvalid</c> if two hosts are one server, and give one name to two machines.</exception>
    public DeploymentSpec On(IReadOnlyDictionary<string, VmSession> sessions)
    {
        var machines = Machines.Where(one => sessions.ContainsKey(one.Host)).ToList();
        for (var count = -1; count != machines.Count;)
        {
            count = machines.Count;
            var left = new HashSet<string>(Machines.Except(machines).SelectMany(one => new[] { one.Name, one.Entry }), StringComparer.OrdinalIgnoreCase);
            machines.RemoveAll(one => one.DependsOn.Any(left.Contains));
        }
        if (machines.GroupBy(one => (sessions[one.Host], one.Name.ToUpperInvariant())).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new VmDeployException(ErrorCodes.DeploymentFileInvalid,
                $"{Names.List(twice.Select(one => one.Host))} are one server, and the machine '{twice.First().Name}' is given {twice.Count()} times on it.", twice.First().Name);
        }
        return new(Name, Hosts.Where(host => sessions.ContainsKey(host.Name)).Select(host => sessions[host.Name]).ToList(),
            machines.Select(one => new MachineSpec(one.Entry, one.Name, one.Number, sessions[one.Host], one.Source)
            {
                State = one.State,
                DependsOn = one.DependsOn,
                WaitFor = one.WaitFor,
                Timeout = one.Timeout,
                Iso = one.Iso,
            }).ToList())
        {
            LeftOut = Machines.Except(machines).Select(one => one.Name).ToList(),
        };
    }

    /// <summary>The machines that <see cref="On"/> has left out.</summary>
    public IReadOnlyList<MachineStatus> Unreached(DeploymentSpec reached)
    {
        var there = reached.Machines.ToLookup(one => (one.Entry, one.Name));
        return Machines.Where(one => !there.Contains((one.Entry, one.Name)))
            .Select(one => new MachineStatus(Name, one.Name, Hosts.First(host => host.Name == one.Host).Server, MachineStatusKind.Unknown, [], null)).ToList();
    }
}

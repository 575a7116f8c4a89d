namespace VmDeploy.Simulator.Esxi;

/// <summary>The kinds that the vSphere part adds to the command line.</summary>
internal static class EsxiKinds
{
    private static readonly IReadOnlyList<CommandLine.Option> s_options =
    [
        .. SimulatorKind.SharedOptions,
        new("--password", "TEXT", "password of the user on ESXi and vCenter (default: VMware1!)"),
        new("--api-version", "N.N.N.N", "ESXi, vCenter: API version (default: 8.0.2.0)"),
        new("--lease-timeout", "SECONDS", "ESXi, vCenter: seconds until an import lease without progress ends (default: 300)"),
        new("--session-timeout", "SECONDS", "ESXi, vCenter: seconds until an idle session ends (default: 1800)"),
        new("--free-license", null, "ESXi: refuse changes with RestrictedVersion, as a host with a free license does"),
        new("--managed-by", "ADDRESS", "ESXi: refuse changes, as a host that the vCenter at this address manages does"),
    ];

    public static IEnumerable<SimulatorKind> All { get; } = [Kind("esxi", EsxiMode.Esxi), Kind("vcenter", EsxiMode.VCenter)];

    private static SimulatorKind Kind(string word, EsxiMode mode) => new(word, s_options, async (line, cancellationToken) =>
    {
        var defaults = new EsxiSimulatorOptions();
        var guest = line.Has("--tools") ? GuestBehavior.WithTools : GuestBehavior.NoTools;
        return await EsxiSimulator.StartAsync(defaults with
        {
            Mode = mode,
            HttpPort = line.Number("--port", 0),
            HttpsPort = line.Number("--https-port", 0),
            UserName = line.Text("--user", defaults.UserName),
            Password = line.Text("--password", defaults.Password),
            DataFolder = line.Has("--data") ? line.Text("--data", "") : null,
            ApiVersion = line.Text("--api-version", defaults.ApiVersion),
            VmCount = line.Number("--vms", 0),
            LeaseTimeout = TimeSpan.FromSeconds(line.Number("--lease-timeout", (int)defaults.LeaseTimeout.TotalSeconds)),
            SessionTimeout = TimeSpan.FromSeconds(line.Number("--session-timeout", (int)defaults.SessionTimeout.TotalSeconds)),
            Guest = _ => guest,
            FaultEndpoint = true,
            FreeLicense = line.Has("--free-license"),
            ManagedBy = line.Has("--managed-by") ? line.Text("--managed-by", "") : null,
        }, cancellationToken);
    });
}

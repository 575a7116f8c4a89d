using System;
using System.Collections.Generic;

namespace VmDeploy.Simulator.Esxi;

/// <summary>The kinds that the vSphere part adds to the command line.</summary>
internal static class EsxiKinds
{
    private static readonly IReadOnlyList<CommandLine.Option> s_options =
    [
        new("--port", "N", "plain http port; 0 or nothing for one that the system chooses"),
        new("--https-port", "N", "https port; 0 or nothing for one that the system chooses"),
        new("--user", "NAME", "account (root)"),
        new("--password", "TEXT", "its password (VMware1!)"),
        new("--data", "DIR", "keep the datastores here; without it they go when the simulator stops"),
        new("--api-version", "N.N.N.N", "API version of the host (8.0.2.0)"),
        new("--vms", "N", "powered-off VMs that are there from the start"),
        new("--lease-timeout", "SECONDS", "life of an import lease without progress (300)"),
        new("--session-timeout", "SECONDS", "life of an idle session (1800)"),
        new("--tools", null, "guests have VMware Tools: an address, a clean shutdown"),
        new("--free-license", null, "refuse writes with RestrictedVersion"),
        new("--managed-by", "ADDRESS", "refuse writes as a host does that a vCenter manages"),
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

using System.Collections.Generic;

namespace VmDeploy.Simulator.Xapi;

/// <summary>The kind that the XenServer part adds to the command line.</summary>
internal static class XapiKinds
{
    private static readonly IReadOnlyList<CommandLine.Option> s_options =
    [
        new("--port", "N", "plain http port; 0 or nothing for one that the system chooses"),
        new("--https-port", "N", "https port; 0 or nothing for one that the system chooses"),
        new("--user", "NAME", "account (root)"),
        new("--xapi-password", "TEXT", "its password on XenServer (xenroot)"),
        new("--data", "DIR", "keep the datastores here; without it they go when the simulator stops"),
        new("--vms", "N", "powered-off VMs that are there from the start"),
        new("--tools", null, "guests have VMware Tools: an address, a clean shutdown"),
        new("--slave-of", "ADDRESS", "a pool member that sends clients to its master"),
    ];

    public static IEnumerable<SimulatorKind> All { get; } = [new("xenserver", s_options, async (line, cancellationToken) =>
    {
        var defaults = new XapiSimulatorOptions();
        var guest = line.Has("--tools") ? XapiGuest.WithTools : XapiGuest.NoTools;
        return await XapiSimulator.StartAsync(defaults with
        {
            HttpPort = line.Number("--port", 0),
            HttpsPort = line.Number("--https-port", 0),
            UserName = line.Text("--user", defaults.UserName),
            Password = line.Text("--xapi-password", defaults.Password),
            DataFolder = line.Has("--data") ? line.Text("--data", "") : null,
            VmCount = line.Number("--vms", 0),
            Guest = _ => guest,
            MasterAddress = line.Has("--slave-of") ? line.Text("--slave-of", "") : null,
        }, cancellationToken);
    })];
}

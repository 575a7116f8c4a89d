namespace VmDeploy.Simulator.Xapi;

/// <summary>The kind that the XenServer part adds to the command line.</summary>
internal static class XapiKinds
{
    private static readonly IReadOnlyList<CommandLine.Option> s_options =
    [
        .. SimulatorKind.SharedOptions,
        new("--xapi-password", "TEXT", "password of the user on XenServer (default: xenroot)"),
        new("--socket", "PATH", "XenServer: listen on this Unix socket as well, where nobody needs a password"),
        new("--slave-of", "ADDRESS", "XenServer: be a pool member that refers clients to the pool master at this address"),
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
            SocketPath = line.Has("--socket") ? line.Text("--socket", "") : null,
            MasterAddress = line.Has("--slave-of") ? line.Text("--slave-of", "") : null,
        }, cancellationToken);
    })];
}

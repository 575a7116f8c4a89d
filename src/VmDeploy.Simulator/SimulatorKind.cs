namespace VmDeploy.Simulator;

/// <summary>One kind of host that the executable can start.</summary>
/// <param name="Mode">The value of --mode.</param>
/// <param name="Options">Its options; those that several kinds share are listed once in the help.</param>
/// <param name="StartAsync">Starts it.</param>
internal sealed record SimulatorKind(
    string Mode,
    IReadOnlyList<CommandLine.Option> Options,
    Func<CommandLine, CancellationToken, Task<IRunningSimulator>> StartAsync)
{
    /// <summary>Options that every kind has.</summary>
    public static IReadOnlyList<CommandLine.Option> SharedOptions { get; } =
    [
        new("--port", "N", "HTTP port (default: a free port)"),
        new("--https-port", "N", "HTTPS port (default: a free port)"),
        new("--user", "NAME", "user name (default: root)"),
        new("--data", "DIR", "folder that keeps the datastores; without it they are deleted when the simulator stops"),
        new("--vms", "N", "number of VMs to start with, powered off (default: 0)"),
        new("--tools", null, "guests have the guest tools: they report an IP address and shut down cleanly"),
    ];
}

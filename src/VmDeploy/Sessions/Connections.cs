using Microsoft.Extensions.Logging;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.PowerShell;

/// <summary>Opens sessions that log to PowerShell's streams. The only place that connects cmdlets and logging.</summary>
internal static class Connections
{
    public static Task<VmSession> OpenVsphereAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken) =>
        VsphereSession.ConnectAsync(options, CreateLogger("VmDeploy.Vsphere", logFile), cancellationToken);

    public static Task<VmSession> OpenXapiAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken) =>
        XapiSession.ConnectAsync(options, CreateLogger("VmDeploy.Xapi", logFile), cancellationToken);

    private static ILogger CreateLogger(string category, string? logFile)
    {
        List<ILoggerProvider> providers = [new StreamLogger()];
        if (logFile is not null)
            providers.Add(new FileLogger(logFile, ""));
        return new LoggerFactory(providers, new LoggerFilterOptions { MinLevel = LogLevel.Trace }).CreateLogger(category);
    }
}

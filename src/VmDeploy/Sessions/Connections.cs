using Microsoft.Extensions.Logging;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.PowerShell;

/// <summary>Opens sessions that log to PowerShell's streams. The only place that connects cmdlets and logging.</summary>
internal static class Connections
{
    /// <summary>A session to an ESXi host or a vCenter.</summary>
    /// <param name="options">Where, and as whom.</param>
    /// <param name="logFile">A file to append the log to, or null.</param>
    /// <param name="cancellationToken">Stops connecting.</param>
    public static Task<VmSession> OpenVsphereAsync(ConnectOptions options, string? logFile, CancellationToken cancellationToken) =>
        VsphereSession.ConnectAsync(options, CreateLogger("VmDeploy.Vsphere", logFile), cancellationToken);

    /// <summary>A session to a XenServer or XCP-ng host.</summary>
    /// <inheritdoc cref="OpenVsphereAsync"/>
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

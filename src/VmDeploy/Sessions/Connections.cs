using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging;
using VmDeploy.Vsphere;

namespace VmDeploy.PowerShell;

/// <summary>Opens sessions that log to PowerShell's streams. The only place where cmdlets and logging meet.</summary>
internal static class Connections
{
    /// <summary>A session to an ESXi host or a vCenter.</summary>
    public static Task<VmSession> OpenVsphereAsync(ConnectOptions options, CancellationToken cancellationToken) =>
        VsphereSession.ConnectAsync(options, CreateLogger("VmDeploy.Vsphere"), cancellationToken);

    private static ILogger CreateLogger(string category) =>
        new LoggerFactory([new PumpLoggerProvider()], new LoggerFilterOptions { MinLevel = LogLevel.Trace }).CreateLogger(category);
}

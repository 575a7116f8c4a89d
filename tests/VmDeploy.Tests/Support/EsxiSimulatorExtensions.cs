using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Vsphere;

namespace VmDeploy.Tests.Support;

/// <summary>Connects the client to a simulated host.</summary>
internal static class EsxiSimulatorExtensions
{
    /// <summary>https, the certificate pinned by its thumbprint.</summary>
    public static ConnectOptions ConnectOptions(this EsxiSimulator host) =>
        new(host.Server, new NetworkCredential(host.UserName, host.Password))
        {
            Port = host.HttpsPort,
            CertificateThumbprint = host.Thumbprint,
            WrapHandler = WireContract.Check,
        };

    /// <summary>A session with it.</summary>
    public static Task<VmSession> ConnectAsync(this EsxiSimulator host) =>
        VsphereSession.ConnectAsync(host.ConnectOptions(), NullLogger.Instance, CancellationToken.None);
}

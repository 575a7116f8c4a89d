using System.Net;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

namespace VmDeploy.QuickStart;

/// <summary>Where a simulated host is, and how to log in.</summary>
internal sealed record HostLogin(HypervisorKind Kind, string Server, int Port, string Thumbprint, string UserName, string Password)
{
    public ConnectOptions Options => new(Server, new NetworkCredential(UserName, Password)) { Port = Port, CertificateThumbprint = Thumbprint };

    public static HostLogin To(EsxiSimulator host) =>
        new(HypervisorKind.Esxi, host.Server, host.HttpsPort, host.Thumbprint, host.UserName, host.Password);

    public static HostLogin To(XapiSimulator host) =>
        new(HypervisorKind.XenServer, host.Server, host.HttpsPort, host.Thumbprint, host.UserName, host.Password);
}

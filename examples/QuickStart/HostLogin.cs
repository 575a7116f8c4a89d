using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

namespace VmDeploy.QuickStart;

/// <summary>Where a simulated host is, and how to log in.</summary>
/// <param name="Kind">Esxi or XenServer.</param>
internal sealed record HostLogin(string Kind, string Server, int Port, string Thumbprint, string UserName, string Password)
{
    public static HostLogin To(EsxiSimulator host) => new("Esxi", host.Server, host.HttpsPort, host.Thumbprint, host.UserName, host.Password);

    public static HostLogin To(XapiSimulator host) => new("XenServer", host.Server, host.HttpsPort, host.Thumbprint, host.UserName, host.Password);
}

using VmDeploy.Tests.Support;

namespace VmDeploy.Tests.Vsphere;

/// <summary>The behaviour suite on vcsim as a standalone host.</summary>
public sealed class OnVcSimEsxi : StandaloneHostBehaviour
{
    private protected override async Task<(IAsyncDisposable, ConnectOptions)> StartHostAsync()
    {
        var host = await VcSim.StartAsync();
        return (host, host.Options with { WrapHandler = WireContract.Check });
    }
}

/// <summary>The behaviour suite on vcsim as a vCenter.</summary>
public sealed class OnVcSimVCenter : VCenterBehaviour
{
    private protected override async Task<(IAsyncDisposable, ConnectOptions)> StartHostAsync()
    {
        var host = await VcSim.StartAsync(vcenter: true);
        return (host, host.Options with { WrapHandler = WireContract.Check });
    }
}

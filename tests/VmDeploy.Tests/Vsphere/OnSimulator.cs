using VmDeploy.Simulator.Esxi;

namespace VmDeploy.Tests.Vsphere;

/// <summary>The behaviour suite on our simulator as a standalone host.</summary>
public sealed class OnSimulatorEsxi : StandaloneHostBehaviour
{
    private protected override Task<(IAsyncDisposable, ConnectOptions)> StartHostAsync() => SimulatedHost.StartAsync(EsxiMode.Esxi);
}

/// <summary>The behaviour suite on our simulator as a vCenter.</summary>
public sealed class OnSimulatorVCenter : VCenterBehaviour
{
    private protected override Task<(IAsyncDisposable, ConnectOptions)> StartHostAsync() => SimulatedHost.StartAsync(EsxiMode.VCenter);
}

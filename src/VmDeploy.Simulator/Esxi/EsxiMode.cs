namespace VmDeploy.Simulator.Esxi;

/// <summary>What answers on /sdk.</summary>
public enum EsxiMode
{
    /// <summary>A standalone host: no clones, no templates, lease URLs with the host <c>*</c>.</summary>
    Esxi,

    /// <summary>A vCenter: datacenters, a cluster, and transfers that go to a host with a certificate of its own.</summary>
    VCenter,
}

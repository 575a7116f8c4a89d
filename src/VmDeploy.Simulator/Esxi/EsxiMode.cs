namespace VmDeploy.Simulator.Esxi;

/// <summary>The kind of server on /sdk.</summary>
public enum EsxiMode
{
    /// <summary>A standalone host: no clones, no templates, lease URLs with the host <c>*</c>.</summary>
    Esxi,

    /// <summary>A vCenter: datacenters, a cluster, and transfers that go to a host with its own certificate.</summary>
    VCenter,
}

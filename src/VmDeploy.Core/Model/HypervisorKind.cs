namespace VmDeploy;

/// <summary>The kind of server that a session is connected to.</summary>
public enum HypervisorKind
{
    /// <summary>A standalone ESXi host (<c>AboutInfo.apiType</c> HostAgent).</summary>
    Esxi,

    /// <summary>A vCenter Server (<c>AboutInfo.apiType</c> VirtualCenter).</summary>
    VCenter,

    /// <summary>A XenServer or XCP-ng pool master.</summary>
    XenServer,
}

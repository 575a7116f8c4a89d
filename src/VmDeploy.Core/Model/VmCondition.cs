namespace VmDeploy;

/// <summary>A condition to wait for.</summary>
public enum VmCondition
{
    /// <summary>Running.</summary>
    On,

    /// <summary>Off.</summary>
    Off,

    /// <summary>The guest's tools are running.</summary>
    Tools,

    /// <summary>The guest's tools report an IP address.</summary>
    IpAddress,
}

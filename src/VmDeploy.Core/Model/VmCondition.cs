namespace VmDeploy;

/// <summary>What to wait for.</summary>
public enum VmCondition
{
    /// <summary>Running.</summary>
    PoweredOn,

    /// <summary>Off.</summary>
    PoweredOff,

    /// <summary>The guest's tools run.</summary>
    Tools,

    /// <summary>The guest's tools report an IP address.</summary>
    IpAddress,
}

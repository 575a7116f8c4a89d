namespace VmDeploy;

/// <summary>The power state of a VM (<c>VirtualMachinePowerState</c>; <c>vm_power_state</c> on XenServer).</summary>
public enum PowerState
{
    /// <summary>Powered off (XenServer: Halted).</summary>
    Off,

    /// <summary>Running.</summary>
    On,

    /// <summary>Suspended to disk.</summary>
    Suspended,

    /// <summary>Paused in memory (XenServer only).</summary>
    Paused,
}

using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Faults that name the device change of a spec.</summary>
internal static class DeviceFault
{
    /// <summary>InvalidDeviceSpec.</summary>
    /// <param name="index">The index of the change.</param>
    /// <param name="element">Its element, for example <c>operation</c> or <c>device.key</c>.</param>
    public static VimFault Invalid(int index, string element) =>
        Of("InvalidDeviceSpec", $"Invalid configuration for device '{index}'.", index, element);

    /// <summary>A fault that derives from InvalidDeviceSpec.</summary>
    public static VimFault Of(string type, string message, int index, string element) =>
        VimFault.Of(type, message, ("property", $"configSpec.deviceChange[{index}].{element}"), ("deviceIndex", index));
}

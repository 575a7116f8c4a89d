namespace VmDeploy.Xapi;

/// <summary>The boot settings of a VM: <c>HVM_boot_params</c> and <c>platform</c>. An EFI guest needs all of them to boot.</summary>
internal static class FirmwareSettings
{
    private const string UefiModel = "qemu-upstream-uefi";
    private const string Cores = "cores-per-socket";

    /// <summary>Whether a VM or a template has EFI firmware.</summary>
    public static bool IsEfi(XapiRecord vm) => vm.Map("HVM_boot_params").TryGetValue("firmware", out var firmware) && firmware == "uefi";

    /// <summary><c>HVM_boot_params</c>; the order consists of c for disk, d for CD and n for network.</summary>
    public static Dictionary<string, string> BootParams(XapiRecord source, bool isEfi, string order)
    {
        var parameters = Copy(source, "HVM_boot_params");
        parameters["order"] = order;
        parameters["firmware"] = isEfi ? "uefi" : "bios";
        return parameters;
    }

    public static Dictionary<string, string> Platform(XapiRecord source, bool isEfi, bool isSecureBoot, int? coresPerSocket)
    {
        var platform = Copy(source, "platform");
        if (isEfi)
        {
            platform["device-model"] = UefiModel;
            platform["secureboot"] = isSecureBoot ? "true" : "false";
        }
        else
        {
            // A device model that does not fit the firmware keeps the VM from starting.
            if (platform.TryGetValue("device-model", out var model) && model == UefiModel)
                platform["device-model"] = "qemu-upstream-compat";
            platform.Remove("secureboot");
        }
        if (coresPerSocket is { } cores)
            platform[Cores] = cores.ToString(CultureInfo.InvariantCulture);
        return platform;
    }

    /// <summary>The platform for a number of CPUs, which must fill all sockets; null if it fits as it is.</summary>
    public static Dictionary<string, string>? ForCpus(XapiRecord vm, int cpus)
    {
        var platform = Copy(vm, "platform");
        if (!platform.TryGetValue(Cores, out var text) || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cores) && cores > 0 && cpus % cores == 0))
            return null;
        platform[Cores] = "1";
        return platform;
    }

    private static Dictionary<string, string> Copy(XapiRecord source, string field) => source.Map(field).ToDictionary(e => e.Key, e => e.Value);
}

namespace VmDeploy.Xapi;

/// <summary>The boot settings of a VM: <c>HVM_boot_params</c> and <c>platform</c>. An EFI guest needs all of them to boot.</summary>
internal static class FirmwareSettings
{
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
            platform["device-model"] = "qemu-upstream-uefi";
            platform["secureboot"] = isSecureBoot ? "true" : "false";
        }
        if (coresPerSocket is { } cores)
            platform["cores-per-socket"] = cores.ToString(CultureInfo.InvariantCulture);
        return platform;
    }

    private static Dictionary<string, string> Copy(XapiRecord source, string field) => source.Map(field).ToDictionary(e => e.Key, e => e.Value);
}

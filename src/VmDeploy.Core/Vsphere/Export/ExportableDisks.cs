namespace VmDeploy.Vsphere;

/// <summary>Disks that a host does not export, or not as a whole; it would say so late, or not at all.</summary>
internal static class ExportableDisks
{
    private const string Independent = "independent_";

    /// <exception cref="VmDeployException"><c>ExportRefused</c>.</exception>
    public static void Check(VmHardware hardware)
    {
        foreach (var disk in hardware.Devices.Where(device => device.TypeName() == "VirtualDisk"))
        {
            if (disk.Child("backing") is { } backing && FindReason(backing, hardware.PowerState != PowerState.Off) is { } reason)
                throw new VmDeployException(ErrorCodes.ExportRefused, $"'{disk.Child("deviceInfo")?.Value("label") ?? "A disk"}' of VM '{hardware.Vm.Name}' {reason}.", hardware.Vm.Name);
        }
    }

    private static string? FindReason(XElement backing, bool needsSnapshot)
    {
        if (backing.Value("compatibilityMode") == "physicalMode")
            return "is a physical raw device mapping, which can't be read";
        if (backing.Child("keyId") is not null)
            return "is encrypted, and can't be read outside of its host";
        return needsSnapshot && backing.Value("diskMode")?.StartsWith(Independent, StringComparison.Ordinal) == true
            ? "is an independent disk, which a snapshot does not include" : null;
    }
}

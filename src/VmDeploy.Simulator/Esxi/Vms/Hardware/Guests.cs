using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Guest operating systems by id.</summary>
internal static class Guests
{
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal)
    {
        ["otherGuest"] = "Other (32-bit)",
        ["otherGuest64"] = "Other (64-bit)",
        ["otherLinuxGuest"] = "Other Linux (32-bit)",
        ["otherLinux64Guest"] = "Other Linux (64-bit)",
        ["other5xLinux64Guest"] = "Other 5.x or later Linux (64-bit)",
        ["debian11_64Guest"] = "Debian GNU/Linux 11 (64-bit)",
        ["debian12_64Guest"] = "Debian GNU/Linux 12 (64-bit)",
        ["ubuntu64Guest"] = "Ubuntu Linux (64-bit)",
        ["rhel9_64Guest"] = "Red Hat Enterprise Linux 9 (64-bit)",
        ["windows9_64Guest"] = "Microsoft Windows 10 (64-bit)",
        ["windows2019srv_64Guest"] = "Microsoft Windows Server 2019 (64-bit)",
        ["windows2019srvNext_64Guest"] = "Microsoft Windows Server 2022 (64-bit)",
    };

    // The ids that an OVF names by CIM number only.
    private static readonly Dictionary<int, string> s_ofCimId = new()
    {
        [1] = "otherGuest",
        [36] = "otherLinuxGuest",
        [69] = "win2000ServGuest",
        [79] = "rhel4Guest",
        [80] = "rhel4_64Guest",
        [93] = "ubuntuGuest",
        [94] = "ubuntu64Guest",
        [95] = "debian4Guest",
        [96] = "debian4_64Guest",
        [100] = "otherLinux64Guest",
        [101] = "otherLinux64Guest",
        [102] = "otherGuest64",
        [106] = "centosGuest",
        [107] = "centos64Guest",
    };

    private static IReadOnlySet<string> Ids => VimSchema.FindEnum("VirtualMachineGuestOsIdentifier")!;

    /// <summary>All ids, in the schema's order.</summary>
    public static IEnumerable<string> All => Ids;

    /// <summary>Its display name, or null for an unknown id.</summary>
    public static string? FullName(string id) => !Ids.Contains(id) ? null : s_names.GetValueOrDefault(id, id);

    /// <summary>A GuestOsDescriptor.</summary>
    public static DataObject Describe(string id)
    {
        var isWindows = id.StartsWith("win", StringComparison.OrdinalIgnoreCase);
        var isModern = id.EndsWith("64Guest", StringComparison.Ordinal);
        var isOther = id.StartsWith("other", StringComparison.Ordinal) && !id.Contains("Linux", StringComparison.Ordinal);
        var descriptor = Blank.Of("GuestOsDescriptor");
        descriptor["id"] = id;
        descriptor["family"] = isWindows ? "windowsGuest" : isOther ? "otherGuestFamily" : "linuxGuest";
        descriptor["fullName"] = FullName(id);
        descriptor["supportedMaxCPUs"] = 128;
        descriptor["supportedMinMemMB"] = 32;
        descriptor["supportedMaxMemMB"] = 1 << 20;
        descriptor["recommendedMemMB"] = isModern ? 2048 : 256;
        descriptor["recommendedDiskSizeMB"] = isModern ? 16384 : 8192;
        descriptor["supportedDiskControllerList"] = new[] { "VirtualIDEController", "VirtualAHCIController", "VirtualLsiLogicController", "VirtualLsiLogicSASController", "ParaVirtualSCSIController" };
        descriptor["recommendedSCSIController"] = isWindows ? "VirtualLsiLogicSASController" : isModern ? "ParaVirtualSCSIController" : "VirtualLsiLogicController";
        descriptor["recommendedDiskController"] = descriptor["recommendedSCSIController"];
        descriptor["recommendedCdromController"] = isModern ? "VirtualAHCIController" : "VirtualIDEController";
        descriptor["supportedEthernetCard"] = new[] { "VirtualE1000", "VirtualE1000e", "VirtualVmxnet3" };
        descriptor["recommendedEthernetCard"] = isWindows ? "VirtualE1000e" : isModern ? "VirtualVmxnet3" : "VirtualE1000";
        descriptor["supportedNumDisks"] = 64;
        descriptor["supportedFirmware"] = new[] { "bios", "efi" };
        descriptor["recommendedFirmware"] = isWindows && isModern ? "efi" : "bios";
        descriptor["supportsSecureBoot"] = isModern;
        return descriptor;
    }

    /// <summary>The id for a CIM OS type, or null.</summary>
    public static string? OfCimId(int id) => s_ofCimId.GetValueOrDefault(id);
}

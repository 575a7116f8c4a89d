using VmDeploy.Ova;

namespace VmDeploy.Copy;

/// <summary>What a guest needs to run on another host; the copy changes nothing in it.</summary>
internal static class GuestNeeds
{
    // Of the VHD format, in which most storage repositories keep disks.
    private const long LongestVhd = 2040L << 30;

    // Before a guest has loaded its own drivers, it sees the emulated disks only.
    private const int EmulatedDisks = 4;

    public static IEnumerable<string> List(Vm source, VmSession destination, OvfHardware hardware, Export.ExportTraits traits)
    {
        var isToXen = destination.Hypervisor == HypervisorKind.XenServer;
        var isOtherKind = isToXen != (source.Session.Hypervisor == HypervisorKind.XenServer);
        var guest = GuestOf(source);
        if (isOtherKind && guest != Guest.Windows)
        {
            yield return isToXen
                ? "a Linux guest needs xen-blkfront and xen-netfront in its initramfs, and file systems that are mounted by UUID; uninstall VMware Tools before the copy"
                : "a Linux guest needs the drivers of LSI Logic SAS and E1000 (mptsas, e1000) in its initramfs, and file systems that are mounted by UUID";
        }
        if (isOtherKind && guest != Guest.Linux)
        {
            yield return isToXen
                ? "uninstall VMware Tools from a Windows guest before the copy, and install the XenServer VM Tools afterwards"
                : "uninstall the XenServer VM Tools from a Windows guest before the copy, and install VMware Tools afterwards";
        }
        if (guest != Guest.Linux && (isOtherKind || traits.HasTpm))
            yield return "suspend BitLocker in a Windows guest before the copy, or have its recovery key at hand";
        if (traits.HasTpm)
            yield return "the contents of its TPM are not copied";
        if (hardware.IsEfi && (isOtherKind || isToXen))
            yield return @"its EFI boot entries are not copied: the guest must boot from \EFI\BOOT\ on its disk";
        if (hardware.IsSecureBoot && isOtherKind)
            yield return isToXen ? "Secure Boot remains enabled, and the pool must have certificates for it" : "Secure Boot remains enabled, and the boot loader must be signed for it";
        if (!isToXen)
            yield break;
        foreach (var disk in hardware.Disks.Where(disk => disk.Disk.CapacityBytes > LongestVhd))
            yield return $"'{disk.Name ?? disk.Disk.DiskId}' has {SizeText.Format(disk.Disk.CapacityBytes!.Value)}; a storage repository that keeps its disks as VHD allows {SizeText.Format(LongestVhd)}";
        if (isOtherKind && hardware.Disks.Count > EmulatedDisks)
            yield return $"it has {hardware.Disks.Count} disks; until the guest has loaded Xen's drivers, it finds the first {EmulatedDisks} only";
    }

    private static Guest GuestOf(Vm vm)
    {
        var id = vm.GuestId ?? "";
        if (id.StartsWith("win", StringComparison.OrdinalIgnoreCase) || id.IndexOf("windows", StringComparison.OrdinalIgnoreCase) >= 0)
            return Guest.Windows;
        return id.Length == 0 || id.StartsWith("otherGuest", StringComparison.OrdinalIgnoreCase) ? Guest.Unknown : Guest.Linux;
    }

    private enum Guest
    {
        Unknown,
        Linux,
        Windows,
    }
}

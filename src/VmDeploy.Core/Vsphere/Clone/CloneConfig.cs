using VmDeploy.CloudInit;

namespace VmDeploy.Vsphere;

/// <summary>
/// The <c>VirtualMachineConfigSpec</c> of a clone, made from its source's <c>VirtualMachineConfigInfo</c>: everything is kept
/// but what must be new (uuids, MAC addresses, file names) and what a host writes itself.
/// </summary>
internal static class CloneConfig
{
    // Every VM has these: the host creates them with the same keys, and refuses a second one.
    private static readonly HashSet<string> s_builtIn = new(StringComparer.Ordinal)
    {
        "VirtualKeyboard", "VirtualPointingDevice", "VirtualMachineVideoCard", "VirtualPCIController", "VirtualPS2Controller",
        "VirtualSIOController", "VirtualIDEController", "VirtualMachineVMCIDevice",
    };

    // Specific to one VM, or to one run of it.
    private static readonly string[] s_notCopied =
    [
        "nvram", "sched.swap.derivedName", "uuid.", "vc.uuid", "migrate.", "vmotion.", "checkpoint.", "softPowerOff", "cleanShutdown",
        "viv.moid", "guestinfo.vmtools.", "guestinfo.appInfo", "vmware.tools.internalversion", "vmware.tools.requiredversion",
        OvfEnvironment.Key, .. GuestinfoValues.Keys, VsphereOwnership.ExtraKey,
    ];

    /// <summary>What is the same in <c>ConfigInfo</c> and <c>ConfigSpec</c> and is copied to a clone.</summary>
    private static readonly string[] s_copied =
    [
        "version", "guestId", "alternateGuestName", "annotation", "tools", "flags", "consolePreferences", "rebootPowerOff",
        "memoryHotAddEnabled", "cpuHotAddEnabled", "cpuHotRemoveEnabled", "cpuAllocation", "latencySensitivity",
        "swapPlacement", "bootOptions", "vAssertsEnabled", "firmware", "maxMksConnections", "guestAutoLockEnabled",
        "memoryReservationLockedToMax", "nestedHVEnabled", "vPMCEnabled", "messageBusTunnelEnabled",
    ];

    private static readonly string[] s_hardware = ["numCoresPerSocket", "virtualICH7MPresent", "virtualSMCPresent"];

    public static XElement Create(
        CloneSource source, CloneRequest request, RequestedHardware wanted, string name, string instanceUuid, DatastorePath folder,
        IEnumerable<XElement> disks, string? nvram, IEnumerable<XElement?> options)
    {
        var config = source.Config;
        var hardware = config.Child("hardware")!;
        var sourceFolder = DatastorePath.Parse(source.VmxPath).Folder.ToString();
        var others = source.Devices
            .Where(d => d.TypeName() != "VirtualDisk" && !s_builtIn.Contains(d.TypeName() ?? ""))
            .Select(d => ConfigSpec.Change("add", Device(NetworkCard.Is(d) ? wanted.ForCopy(d, name) : d, sourceFolder, folder)));
        var settings = wanted.CreateSettings(config).OfType<XElement>().ToList();
        HashSet<string> changed = [.. settings.Select(setting => setting.Name.LocalName)];
        // A new number of CPUs must be divisible by the cores of a socket; the host's default always is.
        if (changed.Contains("numCPUs"))
            changed.Add("numCoresPerSocket");
        if (changed.Contains("guestId"))
            changed.Add("alternateGuestName");
        return ConfigSpec.Create("config",
            VimXml.El("name", name),
            VimXml.El("instanceUuid", instanceUuid),
            VimXml.El("files", VimXml.El("vmPathName", folder.Append(name + ".vmx").ToString())),
            s_copied.Where(n => !changed.Contains(n) && (n != "annotation" || request.Annotation is null)).Select(config.Child),
            VimXml.Optional("annotation", request.Annotation),
            settings.Where(setting => setting.Name.LocalName is not ("numCoresPerSocket" or "memoryAllocation")),
            config.Child("defaultPowerOps") is { } power ? ConfigSpec.Named(power, "powerOpInfo") : null,
            changed.Contains("numCPUs") ? null : VimXml.El("numCPUs", hardware.Number("numCPU")!.Value),
            changed.Contains("memoryMB") ? null : VimXml.El("memoryMB", hardware.Value("memoryMB")),
            HardwareChange.Allocation(config, request.Hardware.MemoryMB),
            s_hardware.Where(n => !changed.Contains(n)).Select(hardware.Child),
            others, disks,
            config.Children("extraConfig").Where(e => !s_notCopied.Any(n => IsUnder(e.Value("key") ?? "", n))),
            nvram is null ? null : ConfigSpec.Extra("nvram", nvram), options);
    }

    private static XElement Device(XElement device, string sourceFolder, DatastorePath folder)
    {
        var copy = new XElement(device);
        // The host keeps a controller's list of its devices.
        copy.Children("device").Remove();
        // Files of the source's own (a serial port's log, for example) go into the clone's folder; media elsewhere are shared.
        if (copy.Child("backing")?.Child("fileName") is { } file && copy.TypeName() != "VirtualCdrom"
            && DatastorePath.TryParse(file.Value, out var path) && path.Folder.ToString() == sourceFolder)
        {
            file.Value = folder.Append(path.Path.Substring(path.Path.LastIndexOf('/') + 1)).ToString();
        }
        return copy;
    }

    private static bool IsUnder(string key, string prefix) =>
        prefix.EndsWith(".", StringComparison.Ordinal) ? key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) : string.Equals(key, prefix, StringComparison.OrdinalIgnoreCase);
}

namespace VmDeploy.Vsphere;

/// <summary>The <c>VirtualMachineConfigSpec</c> of a VM from scratch that boots from an ISO.</summary>
internal static class IsoVmSpec
{
    private const int NewNicKey = -500;

    public static XElement Create(
        IsoVmRequest request, XElement? guest, string datastore, DatastorePath iso, IReadOnlyList<XElement> networks, string name, string instanceUuid,
        IEnumerable<XElement> options)
    {
        var wanted = request.Hardware;
        var addresses = name.Length == 0 ? [] : wanted.MacAddressesOf(request.Names, name);
        var layout = DiskLayout.Create(request.DiskController, guest);
        var disks = layout.CreateDisks(wanted.NewDisks(0), datastore, request.DiskProvisioning);
        var diskController = disks.Count > 0 ? layout.Controller : null;
        // The firmware skips an empty disk and boots from the CD-ROM; later it boots the installed system.
        var slot = CdromSlot.Find(
            [.. DiskLayout.BuiltIn, .. diskController is null ? [] : new[] { diskController }, .. disks], GuestOptions.CdromBusOf(guest, request.IsEfi))!;
        var cdrom = CdromDevice.Create(slot, CdromDevice.Backing(CdromMediumKind.Iso, iso.ToString()), isRunning: false);
        var nicType = NetworkCard.TypeOf(wanted.NicModel, guest);
        return ConfigSpec.Create("config",
            VimXml.El("name", name),
            VimXml.El("instanceUuid", instanceUuid),
            VimXml.El("guestId", guest?.Value("id") ?? GuestIdOf(request)),
            VimXml.Optional("annotation", request.Annotation),
            VimXml.El("files", VimXml.El("vmPathName", new DatastorePath(datastore, "").ToString())),
            VimXml.El("numCPUs", wanted.CpuCount),
            VimXml.El("memoryMB", wanted.MemoryMB),
            diskController is null ? null : ConfigSpec.Change("add", diskController),
            slot.IsNew ? ConfigSpec.Change("add", slot.Controller) : null,
            disks.Select(disk => ConfigSpec.Change("add", disk, "create")),
            ConfigSpec.Change("add", cdrom),
            networks.Select((backing, i) => ConfigSpec.Change("add", NetworkCard.Create(nicType, NewNicKey - i, backing, i < addresses.Count ? addresses[i] : null))),
            wanted.ExtraConfig.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => ConfigSpec.Extra(entry.Key, entry.Value)),
            options,
            VsphereOwnership.Begin(request, instanceUuid),
            wanted.SecureBoot ? VimXml.El("bootOptions", VimXml.El("efiSecureBootEnabled", true)) : null,
            VimXml.El("firmware", request.IsEfi ? "efi" : "bios"));
    }

    public static string GuestIdOf(IsoVmRequest request) => request.Hardware.GuestId ?? "otherGuest64";
}

namespace VmDeploy.Copy;

/// <summary>What can be known of a copy before it begins: what can't work, and what the guest needs on the other host.</summary>
internal static class CopyChecks
{
    /// <summary>Refuses what can't work, and warns of what the guest needs.</summary>
    public static void Run(VmSession destination, CopyRequest request, CopiedVm source)
    {
        if (request.KeepMacAddress && request.Names.Count > 1)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"{request.Names.Count} copies of '{source.Name}' can't all have its MAC addresses.", source.Name, hint: ErrorHint.KeepMacAddressAlone);
        if (request.KeepMacAddress && request.Hardware.MacAddresses.Count > 0)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"The MAC addresses of '{source.Name}' are to be kept, and others are given.", source.Name, hint: ErrorHint.KeepMacAddressAlone);
        if (request.KeepMacAddress && destination.Server == request.Source.Server && destination.Port == request.Source.Session.Port)
            destination.Log.MacAddressTwice(source.Name, destination.Server);
        var hardware = source.Descriptor.GetHardware(null);
        foreach (var disk in hardware.Disks.Where(disk => disk.Disk.CapacityBytes > destination.Limits.DiskBytes))
        {
            throw new VmDeployException(ErrorCodes.CopyNotPossible,
                $"'{disk.Name ?? disk.Disk.DiskId}' of VM '{source.Name}' has {SizeText.Format(disk.Disk.CapacityBytes!.Value)}; {destination.Server} allows {SizeText.Format(destination.Limits.DiskBytes)}.", source.Name);
        }
        if (source.Traits.IsParavirtual && destination.Hypervisor != HypervisorKind.XenServer)
            throw new VmDeployException(ErrorCodes.CopyNotPossible, $"VM '{source.Name}' is paravirtualized: its kernel runs on Xen only.", source.Name);
        foreach (var need in GuestNeeds.List(request.Source, destination, hardware, source.Traits))
            destination.Log.GuestNeeds(source.Name, need);
    }

    /// <summary>The request with what the source has.</summary>
    public static CopyRequest Complete(CopyRequest request) => request with
    {
        // Whoever has the VM has accepted its licence.
        AcceptEula = true,
        Hardware = request.KeepMacAddress
            ? request.Hardware with { MacAddresses = request.Source.State.NetworkAdapters.Select(adapter => adapter.MacAddress ?? "").ToList() }
            : request.Hardware,
    };

    /// <summary>A VM can't be used or replaced as its own copy.</summary>
    public static void CheckExisting(DeploymentPlan plan, Vm source)
    {
        if (plan.Existing.FirstOrDefault(vm => IsSame(vm, source)) is { } self)
            throw new VmDeployException(ErrorCodes.VmNameExists, $"'{self.Name}' on {self.Server} is the VM to copy itself.", self.Name);
    }

    // A host and its vCenter show the same VM under different ids.
    private static bool IsSame(Vm one, Vm other) => one.Session.Hypervisor == HypervisorKind.XenServer || other.Session.Hypervisor == HypervisorKind.XenServer
        ? one.Id == other.Id
        : one.Uuid is { Length: > 0 } && string.Equals(one.Uuid, other.Uuid, StringComparison.OrdinalIgnoreCase) && one.Path == other.Path;
}

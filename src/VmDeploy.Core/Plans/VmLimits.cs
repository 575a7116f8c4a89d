namespace VmDeploy;

/// <summary>The limits of a hypervisor for a VM; the memory is at least one step, and a multiple of it.</summary>
internal sealed record VmLimits(int NameLength, int Cpus, long MemoryMB, int MemoryStepMB, long DiskBytes)
{
    private const long TB = 1L << 40;

    /// <summary>The VM's configuration has variables that the guest can read.</summary>
    public bool HasGuestinfo { get; init; }

    /// <summary>Network adapters of a VM.</summary>
    public int Adapters { get; init; } = 10;

    /// <summary>ESXi and vCenter. Names are also those of folders and files, and <c>RegisterVM_Task</c> takes fewer than 80 characters.</summary>
    public static VmLimits Vsphere { get; } = new(79, 768, 24 * TB >> 20, 4, 62 * TB) { HasGuestinfo = true };

    public static VmLimits XenServer { get; } = new(79, 254, 64 * TB >> 20, 1, 62 * TB) { Adapters = 7 };

    /// <summary>Throws <c>HardwareInvalid</c> for hardware outside the limits; null stands for the source's value.</summary>
    public void CheckHardware(int? cpus, long? memoryMB, IEnumerable<long> diskBytes)
    {
        if (cpus is { } count && (count < 1 || count > Cpus))
            throw Invalid($"{count} vCPUs requested; this host allows 1 to {Cpus}.", count);
        if (memoryMB is { } memory && (memory < MemoryStepMB || memory > MemoryMB || memory % MemoryStepMB != 0))
        {
            var steps = MemoryStepMB > 1 ? $" in steps of {MemoryStepMB} MB" : "";
            throw Invalid($"{memory} MB of memory requested; this host allows {MemoryStepMB} MB to {SizeText.Format(MemoryMB << 20)}{steps}.", memory);
        }
        foreach (var bytes in diskBytes.Where(bytes => bytes < 1 || bytes > DiskBytes))
            throw Invalid($"A disk of {(bytes < 1024 ? $"{bytes} bytes" : SizeText.Format(bytes))} requested; this host allows 1 byte to {SizeText.Format(DiskBytes)}.", bytes);
    }

    public static VmDeployException Invalid(string message, object? target) => new(ErrorCodes.HardwareInvalid, message, target);
}

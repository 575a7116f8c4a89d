namespace VmDeploy;

/// <summary>The limits of a hypervisor for a VM.</summary>
/// <param name="NameLength">Maximum length of a name in characters.</param>
/// <param name="Cpus">Maximum number of virtual CPUs.</param>
/// <param name="MemoryMB">Maximum memory in MiB.</param>
/// <param name="MemoryStepMB">Minimum memory in MiB; all sizes are multiples of it.</param>
/// <param name="DiskBytes">Maximum size of a disk in bytes.</param>
internal sealed record VmLimits(int NameLength, int Cpus, long MemoryMB, int MemoryStepMB, long DiskBytes)
{
    private const long TB = 1L << 40;

    /// <summary>ESXi and vCenter. Names are also those of folders and files, and <c>RegisterVM_Task</c> takes fewer than 80 characters.</summary>
    public static VmLimits Vsphere { get; } = new(79, 768, 24 * TB >> 20, 4, 62 * TB);

    /// <summary>XenServer and XCP-ng.</summary>
    public static VmLimits XenServer { get; } = new(79, 254, 64 * TB >> 20, 1, 62 * TB);

    /// <summary>Throws <c>HardwareInvalid</c> for hardware outside the limits.</summary>
    /// <param name="cpus">Virtual CPUs, or null for the source's.</param>
    /// <param name="memoryMB">Memory in MiB, or null for the source's.</param>
    /// <param name="diskBytes">Sizes of new disks in bytes.</param>
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

    /// <summary>A <c>HardwareInvalid</c> failure.</summary>
    public static VmDeployException Invalid(string message, object? target) => new(ErrorCodes.HardwareInvalid, message, target);
}

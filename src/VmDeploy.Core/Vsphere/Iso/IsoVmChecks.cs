using System.Linq;

namespace VmDeploy.Vsphere;

/// <summary>What a VM from scratch can be refused for before any host is asked.</summary>
internal static class IsoVmChecks
{
    // vSphere counts memory in steps of so many MiB.
    private const int MemoryStep = 4;

    public static void Run(IsoVmRequest request)
    {
        VmNames.Check(request.Names);
        if (request.CpuCount < 1)
            throw Invalid($"A VM can't have {request.CpuCount} CPUs.", request.CpuCount);
        CheckMemory(request.MemoryMB);
        if (request.DiskBytes.Any(size => size <= 0))
            throw Invalid($"A disk can't have {request.DiskBytes.First(size => size <= 0)} bytes.", request.DiskBytes);
        if (request.SecureBoot && request.Firmware == Firmware.Bios)
            throw Invalid("Secure boot needs EFI; a BIOS does not have it.", request.Firmware);
    }

    public static void CheckMemory(long megabytes)
    {
        if (megabytes < MemoryStep || megabytes % MemoryStep != 0)
            throw Invalid($"Memory must be a multiple of {MemoryStep} MB; {megabytes} MB is not.", megabytes);
    }

    public static VmDeployException Invalid(string message, object? target) => new(ErrorCodes.HardwareInvalid, message, target);
}

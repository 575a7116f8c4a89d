using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>Finds what a request for VMs from a template names, and refuses what can't be.</summary>
internal static class TemplateSource
{
    /// <summary>The template by id, uuid or name.</summary>
    public static async Task<CloneSource> FindAsync(VsphereSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        var all = await session.GetTemplatesAsync(cancellationToken);
        var found = all.Where(t => t.Id == request.Template || Same(t.Uuid, request.Template)).ToList();
        if (found.Count == 0)
            found = all.Where(t => Same(t.Name, request.Template)).ToList();
        return found.Count switch
        {
            1 => await CloneSource.ReadAsync(session, new Vm(session, found[0].Id, new VmState { Name = found[0].Name }), cancellationToken),
            0 => throw new VmDeployException(ErrorCodes.TemplateNotFound,
                $"Template '{request.Template}' not found. {Names.Available(all.Select(t => t.Name), "This server has no templates.")}", request.Template),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousPlacement,
                $"There are {found.Count} templates '{request.Template}', with the ids {string.Join(", ", found.Select(t => t.Id))}.", request.Template,
                hint: ErrorHint.UseTemplateId),
        };
    }

    /// <summary>Refuses hardware that the template can't be given.</summary>
    public static void Check(TemplateRequest request, CloneSource source)
    {
        if (request.CpuCount < 1)
            throw IsoVmChecks.Invalid($"A VM can't have {request.CpuCount} CPUs.", request.CpuCount);
        if (request.MemoryMB is { } memory)
            IsoVmChecks.CheckMemory(memory);
        if (request.ExtraDiskBytes.Any(size => size <= 0))
            throw IsoVmChecks.Invalid("A disk can't be empty.", request.ExtraDiskBytes);
        var disk = source.Disks.FirstOrDefault();
        if (disk is null && (request.DiskBytes is not null || request.ExtraDiskBytes.Count > 0))
            throw IsoVmChecks.Invalid($"{source.Vm.Name} has no disk that could grow or show where others go.", request.Template);
        if (disk is not null && request.DiskBytes is { } bytes && KiB(bytes) < CapacityKB(disk))
            throw IsoVmChecks.Invalid($"The first disk of {source.Vm.Name} has {CapacityKB(disk) * 1024} bytes; it can't shrink to {bytes}.", bytes);
        if (request.Vlan is not null)
        {
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "A VLAN is a property of the network here.", request.Vlan,
                hint: ErrorHint.UsePortGroupWithVlan);
        }
    }

    public static long KiB(long bytes) => (bytes + 1023) / 1024;

    public static long CapacityKB(XElement disk) => long.Parse(disk.Value("capacityInKB")!, System.Globalization.CultureInfo.InvariantCulture);

    private static bool Same(string? a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

using VmDeploy.Export;

namespace VmDeploy.Vsphere;

/// <summary>Exports of ESXi and vCenter: the host sends its disks through a lease, and writes the descriptor.</summary>
internal sealed class VsphereExports(VsphereSession session) : VmExports
{
    internal override async Task<ExportSource> FindAsync(Vm vm, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        ExportableDisks.Check(hardware);
        await CheckImagesAsync(hardware, cancellationToken);
        // Without files it is a rehearsal: the host says what it can't export before it sends anything.
        var rehearsal = await OvfOfHost.CreateAsync(session, vm, null, [], cancellationToken);
        foreach (var warning in rehearsal.Warnings)
            session.Log.OvfWarning(vm.Name, warning);
        var storage = await session.ReadVmPropertiesAsync(vm, cancellationToken, "summary.storage");
        var bytes = VmProperties.Number(storage["summary.storage"]?.Value("unshared"));
        return new LeaseSource(session, vm, bytes, rehearsal, new ExportTraits(hardware.Devices.Any(device => device.TypeName() == "VirtualTPM"), IsParavirtual: false));
    }

    // Otherwise the lease fails with no more than the name of a file.
    private async Task CheckImagesAsync(VmHardware hardware, CancellationToken cancellationToken)
    {
        foreach (var drive in CdromDevice.Read(hardware).Where(drive => drive.Medium.MediumKind == CdromMediumKind.Iso))
        {
            if (!DatastorePath.TryParse(drive.Medium.Path, out var image) || image.Path.Length == 0)
                continue;
            if (await IsMissingAsync(hardware, image, cancellationToken))
            {
                throw new VmDeployException(ErrorCodes.CdromImageMissing,
                    $"'{drive.Label}' of VM '{hardware.Vm.Name}' holds '{image}', which does not exist; the host does not export such a VM.", hardware.Vm.Name);
            }
        }
    }

    private async Task<bool> IsMissingAsync(VmHardware hardware, DatastorePath image, CancellationToken cancellationToken)
    {
        try
        {
            var place = DatastorePlace.Of(await Inventory.ReadAsync(session.Properties, cancellationToken), hardware, image.Datastore);
            return await session.Files.FindAsync(image, place.Browser, cancellationToken) is null;
        }
        catch (VmDeployException)
        {
            // Who may not look there may still export the VM.
            return false;
        }
    }
}

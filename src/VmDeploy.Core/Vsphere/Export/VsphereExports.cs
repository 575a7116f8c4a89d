using System.Text;
using VmDeploy.Export;

namespace VmDeploy.Vsphere;

/// <summary>Exports of ESXi and vCenter: the host sends its disks through a lease, and writes the descriptor.</summary>
internal sealed class VsphereExports(VsphereSession session) : VmExports
{
    private protected override async Task<ExportSource> FindAsync(ExportRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        await CheckImagesAsync(await VmHardware.ReadAsync(session, vm, cancellationToken), cancellationToken);
        // Without files it is a rehearsal: the host says what it can't export before it sends anything.
        var rehearsal = await OvfOfHost.CreateAsync(session, vm, null, [], cancellationToken);
        foreach (var warning in rehearsal.Warnings)
            session.Log.OvfWarning(vm.Name, warning);
        if (request.Compression is not null)
            session.Log.CompressionIgnored(vm.Name);
        var storage = await session.ReadVmPropertiesAsync(vm, cancellationToken, "summary.storage");
        var bytes = VmProperties.Number(storage["summary.storage"]?.Value("unshared"));
        return new LeaseSource(session, vm, bytes, Encoding.UTF8.GetByteCount(rehearsal.Descriptor));
    }

    // Otherwise the lease fails with no more than the name of a file.
    private async Task CheckImagesAsync(VmHardware hardware, CancellationToken cancellationToken)
    {
        foreach (var drive in CdromDevice.Read(hardware).Where(drive => drive.Medium.Kind == CdromMediumKind.Iso))
        {
            if (!DatastorePath.TryParse(drive.Medium.Path, out var image) || image.Path.Length == 0)
                continue;
            DatastorePlace place;
            try
            {
                place = DatastorePlace.Of(await Inventory.ReadAsync(session.Properties, cancellationToken), hardware, image.Datastore);
            }
            catch (VmDeployException e) when (e.Code == ErrorCodes.DatastoreNotFound)
            {
                throw Missing(e);
            }
            if (await session.Files.FindAsync(image, place.Browser, cancellationToken) is null)
                throw Missing(null);

            VmDeployException Missing(Exception? cause) => new(ErrorCodes.CdromImageMissing,
                $"'{drive.Label}' of VM '{hardware.Vm.Name}' holds '{image}', which does not exist; the host does not export such a VM.", hardware.Vm.Name, cause);
        }
    }
}

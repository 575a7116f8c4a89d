using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>A medium that a VM's drive can be given: found on the host, or sent there.</summary>
internal sealed class CdromSource
{
    private const string IsoFolder = "iso/";

    private readonly FileSender? _sent;

    private CdromSource(XElement backing, FileSender? sent = null)
    {
        Backing = backing;
        _sent = sent;
    }

    /// <summary>What the drive is given.</summary>
    public XElement Backing { get; }

    /// <summary>Finds the medium; a local ISO is sent to the VM's datastore.</summary>
    public static async Task<CdromSource> PrepareAsync(
        VsphereSession session, VmHardware hardware, CdromMedium medium, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (medium.Kind == CdromMediumKind.Empty)
            return new CdromSource(CdromDevice.Backing(medium.Kind, ""));
        if (medium.Kind == CdromMediumKind.HostDevice)
            return new CdromSource(CdromDevice.Backing(medium.Kind, await FindDriveAsync(session, hardware, medium.Path, cancellationToken)));
        string path = medium.Path ?? throw new VmDeployException(ErrorCodes.LocalFileNotFound, "An ISO needs a path.");
        Inventory inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        if (DatastorePath.TryParse(path, out DatastorePath present))
        {
            DatastorePlace place = DatastorePlace.Of(inventory, hardware, present.Datastore);
            return new CdromSource(Iso(await place.FindFileAsync(session, present, cancellationToken)));
        }
        DatastorePlace own = DatastorePlace.Of(inventory, hardware, DatastorePath.Parse(hardware.Content.Text("config.files.vmPathName")!).Datastore);
        var sender = new FileSender(session, own, path, IsoFolder);
        DatastoreFile file = await sender.SendAsync(force: false, progress, new OperationProgress(0, $"Sending {path}", ""), cancellationToken);
        return new CdromSource(Iso(sender.Target), file.WasSent ? sender : null);
    }

    /// <summary>Takes an ISO back that was sent for a drive that could not be made.</summary>
    public Task UndoAsync() => _sent?.UndoAsync() ?? Task.CompletedTask;

    private static XElement Iso(DatastorePath path) => CdromDevice.Backing(CdromMediumKind.Iso, path.ToString());

    private static async Task<string> FindDriveAsync(VsphereSession session, VmHardware hardware, string? name, CancellationToken cancellationToken)
    {
        XElement reply = await session.Soap.CallAsync(hardware.Content.Reference("environmentBrowser")!.Value, "QueryConfigTarget", cancellationToken,
            VimXml.Ref("host", hardware.Content.Reference("runtime.host")));
        List<string> drives = (reply.Child("returnval")?.Children("cdRom") ?? []).Select(d => d.Value("name") ?? "").ToList();
        return (name is null ? drives.FirstOrDefault() : drives.FirstOrDefault(d => d == name))
            ?? throw new VmDeployException(ErrorCodes.HostDriveNotFound,
                $"The host of {hardware.Vm.Name} has no CD-ROM drive{(name is null ? "" : $" '{name}'")}. There {Names.ThereIs(drives)}.", name);
    }
}

namespace VmDeploy.Vsphere;

/// <summary>A medium for a VM's drive: found on the host, or a local ISO that is sent there.</summary>
internal sealed class CdromSource(CdromMediumKind kind, string name, string description, FileSender? sender = null)
{
    private const string IsoFolder = "iso/";

    public XElement Backing { get; } = CdromDevice.Backing(kind, name);

    /// <summary>Finds the medium. A local ISO is checked; it will go to the VM's datastore.</summary>
    public static async Task<CdromSource> FindAsync(
        VsphereSession session, VmHardware hardware, CdromMedium medium, CancellationToken cancellationToken)
    {
        if (medium.MediumKind == CdromMediumKind.Empty)
            return new CdromSource(medium.MediumKind, "", "empty");
        if (medium.MediumKind == CdromMediumKind.HostDevice)
        {
            var drive = await FindDriveAsync(session, hardware, medium.Path, cancellationToken);
            return new CdromSource(medium.MediumKind, drive, $"the host's drive {drive}");
        }
        var path = medium.Path ?? throw new VmDeployException(ErrorCodes.LocalFileNotFound, "An ISO needs a path.");
        var isLocal = !DatastorePath.TryParse(path, out var present);
        if (isLocal)
            await IsoImage.CheckAsync(path, cancellationToken);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        if (!isLocal)
        {
            var place = DatastorePlace.Of(inventory, hardware, present.Datastore);
            var found = (await place.FindFileAsync(session, present, cancellationToken)).ToString();
            return new CdromSource(medium.MediumKind, found, found);
        }
        var own = DatastorePlace.Of(inventory, hardware, DatastorePath.Parse(hardware.Content.Text("config.files.vmPathName")).Datastore);
        var sender = new FileSender(session, own, path, IsoFolder);
        await sender.IsThereAsync(force: false, cancellationToken);
        return new CdromSource(medium.MediumKind, sender.Target.ToString(), $"{sender.Target}, uploaded from {path}", sender);
    }

    /// <summary>Sends a local ISO, unless it exists; the scope removes it again.</summary>
    public Task SendAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken) => sender is null
        ? Task.CompletedTask
        : sender.SendAsync(force: false, scope, progress, new OperationProgress(0, $"Sending {sender.Target.Name}", ""), cancellationToken);

    public override string ToString() => description;

    private static async Task<string> FindDriveAsync(VsphereSession session, VmHardware hardware, string? name, CancellationToken cancellationToken)
    {
        var reply = await session.Soap.CallAsync(hardware.Content.Reference("environmentBrowser")!.Value, "QueryConfigTarget", cancellationToken,
            VimXml.Ref("host", hardware.Content.Reference("runtime.host")));
        var drives = (reply.Child("returnval")?.Children("cdRom") ?? []).Select(d => d.Value("name") ?? "").ToList();
        return (name is null ? drives.FirstOrDefault() : drives.FirstOrDefault(d => d == name))
            ?? throw new VmDeployException(ErrorCodes.HostDriveNotFound,
                $"CD-ROM drive{(name is null ? "" : $" '{name}'")} not found on the host of {hardware.Vm.Name}. {Names.Available(drives, "The host has no CD-ROM drive.")}", name);
    }
}

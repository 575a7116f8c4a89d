using VmDeploy.CloudInit;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>
/// The small disk with a VM's cloud-init documents. A copy of a VM that has one loses it, and gets one whose meta-data has a new
/// instance-id if nothing else was given.
/// </summary>
/// <param name="session">The pool.</param>
/// <param name="request">What was asked for.</param>
internal sealed class CloudInitDisk(XapiSession session, DeploymentRequest request)
{
    /// <summary>In <c>other_config</c> of such a disk.</summary>
    private const string MarkKey = "vmdeploy-cloud-init";
    private const string NameEnd = " cloud-init";

    // Xen Orchestra's name for its own. A copy's would give it the identity of its source, as ours.
    private const string OrchestraName = "XO CloudConfigDrive";

    /// <summary>Whether a disk is one.</summary>
    public static bool Is(XapiRecord vdi) => vdi.Map("other_config").ContainsKey(MarkKey)
        || (vdi.Name == OrchestraName && vdi.Number("virtual_size") < 2 * NoCloudDrive.Size);

    /// <summary>For -WhatIf.</summary>
    /// <param name="isCopied">The VM's source has one.</param>
    public IReadOnlyList<string> Summarize(bool isCopied) => request.CloudInit is null && !isCopied ? []
        : [$"cloud-init {request.CloudInit ?? new CloudInitData()} on a drive"];

    /// <summary>Removes the disk that a VM got from its source, and gives it its own.</summary>
    /// <param name="builder">The VM's builder.</param>
    /// <param name="reference">The VM.</param>
    /// <param name="storage">The storage repository for the disk; null for that of the VM's disks.</param>
    /// <param name="creation">The VM's creation.</param>
    public async Task ReplaceAsync(VmBuilder builder, string reference, string? storage, VmCreation creation)
    {
        var vm = await session.Client.RecordAsync("VM", reference, CancellationToken.None);
        var disks = await XapiPlan.DisksAsync(session.Client, vm);
        var copied = disks.Where(disk => Is(disk.Vdi)).ToList();
        foreach (var (vbd, vdi) in copied)
            await builder.RemoveDiskAsync(vbd, vdi);
        if ((request.CloudInit ?? (copied.Count > 0 ? new CloudInitData() : null)) is not { } data)
            return;
        creation.CancellationToken.ThrowIfCancellationRequested();
        var drives = (await session.Client.FindAsync("VBD", vm.List("VBDs"), CancellationToken.None)).Select(VmReader.PositionOf).Append(VmBuilder.CdPosition).ToList();
        var position = VmBuilder.FreePositions(drives).Select(free => (int?)free).FirstOrDefault()
            ?? throw new VmDeployException(ErrorCodes.HardwareInvalid, $"No position is free for the cloud-init drive; this host allows {VmBuilder.DiskPositions} drives on a VM.");
        var image = NoCloudDrive.BuildDisk(request.CreateCloudInit(data, creation.Name, vm.Uuid));
        var disk = await builder.CreateDiskAsync(storage ?? disks[0].Vdi.Text("SR"), image.Length, creation.Name + NameEnd, (MarkKey, "true"));
        await builder.UploadAsync("the cloud-init drive", () => session.Importer.SendAsync(
            disk.Ref, disk.Number("virtual_size"), new RawReader(new MemoryStream(image)), _ => { }, creation.CancellationToken), creation.CancellationToken);
        await builder.AttachDiskAsync(vm.Ref, disk.Ref, position, isBootable: false);
    }
}

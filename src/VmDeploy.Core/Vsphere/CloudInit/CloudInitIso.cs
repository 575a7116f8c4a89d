using System.Net.Http.Headers;
using VmDeploy.CloudInit;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>The ISO with a VM's cloud-init documents: a file in the VM's folder, in a CD-ROM drive.</summary>
internal sealed class CloudInitIso(VsphereSession session)
{
    // Users have files cidata.iso of their own, and an ISO is recognized by its name.
    private const string FileName = "vmdeploy-cloud-init.iso";

    /// <summary>The file in a device, if it is such an ISO.</summary>
    public static DatastorePath? FileIn(XElement device) =>
        device.TypeName() == "VirtualCdrom" && DatastorePath.TryParse(device.Child("backing")?.Value("fileName"), out var file) && file.Name == FileName ? file : null;

    /// <summary>Whether a device has such an ISO in it.</summary>
    public static bool IsIn(XElement device) => FileIn(device) is not null;

    /// <summary>Gives the VM its ISO, in the drive where its source has one, or in a new drive.</summary>
    public async Task InsertAsync(Vm vm, CloudInitDocuments documents, VmCreation creation)
    {
        var hardware = await VmHardware.ReadAsync(session, vm, creation.CancellationToken);
        var file = DatastorePath.Parse(hardware.Content.Text("config.files.vmPathName")).Folder.Append(FileName);
        var place = DatastorePlace.Of(await Inventory.ReadAsync(session.Properties, creation.CancellationToken), hardware, file.Datastore);
        creation.Scope.Add($"file '{file}'", token => session.Files.DeleteAsync(file, place.Datacenter, file.ToString(), token));
        await SendAsync(place, file, NoCloudDrive.BuildIso(documents), creation.CancellationToken);
        await ChangeAsync(hardware, new CdromMedium(CdromMediumKind.Iso, file.ToString()), creation.CancellationToken);
    }

    /// <summary>Ejects the source's ISO from the VM's drive.</summary>
    public async Task EjectAsync(Vm vm, CancellationToken cancellationToken) =>
        await ChangeAsync(await VmHardware.ReadAsync(session, vm, cancellationToken), CdromMedium.Empty, cancellationToken);

    private async Task ChangeAsync(VmHardware hardware, CdromMedium medium, CancellationToken cancellationToken)
    {
        var editor = new CdromEditor(session, hardware);
        var change = hardware.Cdroms.FirstOrDefault(IsIn) is { } drive
            ? await editor.PlanSetAsync(drive, medium, force: false, cancellationToken)
            : await editor.PlanAddAsync(medium, bus: null, cancellationToken);
        await change.RunAsync(new Progress<OperationProgress>(), cancellationToken);
    }

    private Task SendAsync(DatastorePlace place, DatastorePath file, byte[] content, CancellationToken cancellationToken) => session.Retries.Call.RunAsync(async _ =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, place.Url(file));
        using var body = new UploadContent(new MemoryStream(content), content.Length, _ => { });
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await session.Transport.UploadAsync(request, body, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await HttpRefusal.ReadAsync(response, file.Datastore, file.Path);
    }, e => e is VmDeployException { IsTransient: true }, cancellationToken);
}

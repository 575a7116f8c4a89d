using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task<DatastoreFile> SendFileAsync(
        SendFileRequest request, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        Inventory inventory = await Inventory.ReadAsync(Properties, cancellationToken);
        DatastorePlace place = DatastorePlace.Resolve(inventory, request.Datastore, request.Datacenter);
        var sender = new FileSender(this, place, request.LocalPath, request.Path);
        return await sender.SendAsync(request.Force, progress, new OperationProgress(0, $"Sending {request.LocalPath}", ""), cancellationToken);
    }
}

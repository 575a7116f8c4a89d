using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task<PlannedChange<DatastoreFile>> PlanSendFileAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        var inventory = await Inventory.ReadAsync(Properties, cancellationToken);
        var place = DatastorePlace.Resolve(inventory, request.Datastore, request.Datacenter);
        var sender = new FileSender(this, place, request.LocalPath, request.Path);
        var isThere = await sender.IsThereAsync(request.Force, cancellationToken);
        return new PlannedChange<DatastoreFile>(
            isThere ? $"{sender.Target}, which is there{(request.Force ? "" : " already")}" : sender.Target.ToString(),
            (progress, token) => sender.SendAsync(request.Force, progress, new OperationProgress(0, $"Sending {request.LocalPath}", ""), token));
    }
}

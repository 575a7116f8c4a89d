namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override VmDatastoreFiles DatastoreFiles => new VsphereDatastoreFiles(this);

    /// <inheritdoc/>
    public override async Task<PlannedChange<DatastoreFile>> PlanSendFileAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        request = request.WithoutBrackets();
        var inventory = await Inventory.ReadAsync(Properties, cancellationToken);
        var place = DatastorePlace.Resolve(inventory, request.Datastore, request.Datacenter);
        var sender = new FileSender(this, place, request.LocalPath, request.Path);
        var isThere = await sender.IsThereAsync(request.Force, cancellationToken);
        return new PlannedChange<DatastoreFile>(
            isThere ? $"{sender.Target}, which already exists{(request.Force ? " and is overwritten" : "")}" : sender.Target.ToString(),
            (progress, token) => RollbackScope.RunAsync(this, sender.Target.ToString(),
                scope => sender.SendAsync(request.Force, scope, progress, new OperationProgress(0, $"Sending {request.LocalPath}", ""), token)));
    }
}

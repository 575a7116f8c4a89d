namespace VmDeploy;

/// <summary>The files of datastores, and the VDIs of storage repositories.</summary>
public abstract class VmDatastoreFiles
{
    /// <summary>Lists files; <c>HostFileNotFound</c> for a plain path that does not exist.</summary>
    public abstract Task<IReadOnlyList<DatastoreFile>> ListAsync(DatastoreFileRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves the target of an upload; refuses to overwrite a file without permission. Changes nothing.</summary>
    public abstract Task<PlannedChange<DatastoreFile>> PlanSendAsync(SendFileRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves the download of a file; refuses to overwrite a local file without permission. Changes nothing.</summary>
    public abstract Task<PlannedChange<FileInfo>> PlanReceiveAsync(DatastoreFileRequest request, CancellationToken cancellationToken);

    /// <summary>Resolves the removal of a file or folder; refuses one that a VM uses. Changes nothing. The result is the removed path.</summary>
    public abstract Task<PlannedChange<string>> PlanRemoveAsync(DatastoreFileRequest request, CancellationToken cancellationToken);

    /// <summary>The error for a file that does not exist.</summary>
    private protected static VmDeployException NotFound(string path) => new(ErrorCodes.HostFileNotFound, $"File '{path}' not found.", path);

    /// <summary>The error for a path that is only that of a datastore.</summary>
    private protected static VmDeployException NoFile(string path) => new(ErrorCodes.DatastorePathInvalid, $"'{path}' names no file.", path);

    /// <summary>The error for a file that VMs use.</summary>
    private protected static VmDeployException InUse(string path, IEnumerable<string> vms) =>
        new(ErrorCodes.FileInUse, $"'{path}' can't be removed; these VMs use it: {Names.List(vms)}.", path);
}

using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Vsphere;

/// <summary>Folders and files on datastores, through the <c>FileManager</c>.</summary>
internal sealed class DatastoreFiles
{
    private readonly VsphereSession _session;

    public DatastoreFiles(VsphereSession session) => _session = session;

    /// <summary>Makes a folder; <see cref="VimFault"/> FileAlreadyExists when it is there.</summary>
    public Task MakeFolderAsync(DatastorePath folder, MoRef datacenter, CancellationToken cancellationToken) =>
        _session.Soap.CallAsync(_session.Content.FileManager, "MakeDirectory", cancellationToken,
            VimXml.El("name", folder.ToString()),
            VimXml.Ref("datacenter", datacenter),
            VimXml.El("createParentDirectories", true));

    /// <summary>Copies a file (no disk: disks go through the VirtualDiskManager).</summary>
    public Task CopyAsync(DatastorePath source, DatastorePath target, MoRef datacenter, string subject, CancellationToken cancellationToken) =>
        _session.Tasks.RunAsync(_session.Content.FileManager, "CopyDatastoreFile_Task", subject, cancellationToken,
            VimXml.El("sourceName", source.ToString()),
            VimXml.Ref("sourceDatacenter", datacenter),
            VimXml.El("destinationName", target.ToString()),
            VimXml.Ref("destinationDatacenter", datacenter));

    /// <summary>Removes a file or a whole folder after a failure; what goes wrong with that is only a warning.</summary>
    public async Task TryDeleteAsync(DatastorePath path, MoRef datacenter, string subject)
    {
        try
        {
            await _session.Tasks.RunAsync(_session.Content.FileManager, "DeleteDatastoreFile_Task", subject, CancellationToken.None,
                VimXml.El("name", path.ToString()),
                VimXml.Ref("datacenter", datacenter));
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            // As it should be.
        }
        catch (VmDeployException e)
        {
            _session.Log.CleanupFailed(subject, e.Message);
        }
    }
}

using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

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

    /// <summary>Makes a folder and those above it, where they are not there.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="browser">The datastore's.</param>
    /// <param name="datacenter">The datastore's.</param>
    /// <param name="made">Gets those that were not there before, the innermost first, also when the call fails.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task MakeFoldersAsync(
        DatastorePath folder, MoRef browser, MoRef datacenter, List<DatastorePath> made, CancellationToken cancellationToken)
    {
        var names = folder.Path.Split('/');
        for (var depth = 1; depth <= names.Length && folder.Path.Length > 0; depth++)
        {
            var part = folder with { Path = string.Join("/", names.Take(depth)) };
            if (await FindAsync(part, browser, cancellationToken) is not null)
                continue;
            // Noted before: a call whose answer is lost may have made it.
            made.Insert(0, part);
            try
            {
                await MakeFolderAsync(part, datacenter, cancellationToken);
            }
            catch (VimFault fault) when (fault.Type is "FileAlreadyExists" or "AlreadyExists")
            {
                made.Remove(part);
            }
        }
    }

    /// <summary>A file or folder (<c>FileInfo</c>), or null when there is none.</summary>
    /// <param name="path">Where.</param>
    /// <param name="browser">The datastore's.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<XElement?> FindAsync(DatastorePath path, MoRef browser, CancellationToken cancellationToken)
    {
        // Brackets mean nothing to vSphere in a pattern; a question mark fits them in every reading.
        var pattern = path.Name.Replace('[', '?').Replace(']', '?');
        return (await SearchAsync(path.Folder, pattern, browser, cancellationToken)).FirstOrDefault(f => f.Value("path") == path.Name);
    }

    /// <summary>The names of the files and folders in a folder; none when it is not there.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(DatastorePath folder, MoRef browser, CancellationToken cancellationToken) =>
        (await SearchAsync(folder, "*", browser, cancellationToken)).Select(f => f.Value("path")).OfType<string>().ToList();

    /// <summary>Moves a file within its datastore, over one that is there.</summary>
    public Task MoveAsync(DatastorePath source, DatastorePath target, MoRef datacenter, string subject, CancellationToken cancellationToken) =>
        _session.Tasks.RunAsync(_session.Content.FileManager, "MoveDatastoreFile_Task", subject, cancellationToken,
            VimXml.El("sourceName", source.ToString()),
            VimXml.Ref("sourceDatacenter", datacenter),
            VimXml.El("destinationName", target.ToString()),
            VimXml.Ref("destinationDatacenter", datacenter),
            VimXml.El("force", true));

    /// <summary>Copies a file (no disk: disks go through the VirtualDiskManager).</summary>
    public Task CopyAsync(DatastorePath source, DatastorePath target, MoRef datacenter, string subject, CancellationToken cancellationToken) =>
        _session.Tasks.RunAsync(_session.Content.FileManager, "CopyDatastoreFile_Task", subject, cancellationToken,
            VimXml.El("sourceName", source.ToString()),
            VimXml.Ref("sourceDatacenter", datacenter),
            VimXml.El("destinationName", target.ToString()),
            VimXml.Ref("destinationDatacenter", datacenter));

    /// <summary>Removes a file or a whole folder; what goes wrong with that is only a warning, and false.</summary>
    public async Task<bool> TryDeleteAsync(DatastorePath path, MoRef datacenter, string subject)
    {
        try
        {
            await _session.Tasks.RunAsync(_session.Content.FileManager, "DeleteDatastoreFile_Task", subject, CancellationToken.None,
                VimXml.El("name", path.ToString()),
                VimXml.Ref("datacenter", datacenter));
            return true;
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return true;
        }
        catch (VmDeployException e)
        {
            _session.Log.CleanupFailed(subject, e.Message);
            return false;
        }
    }

    /// <summary>Removes folders after a failure, as far as nobody has put something into them meanwhile.</summary>
    public async Task TryDeleteEmptyAsync(IReadOnlyList<DatastorePath> folders, MoRef browser, MoRef datacenter, string subject)
    {
        try
        {
            foreach (var folder in folders)
            {
                if ((await ListAsync(folder, browser, CancellationToken.None)).Count > 0)
                    return;
                await TryDeleteAsync(folder, datacenter, subject);
            }
        }
        catch (VmDeployException e)
        {
            _session.Log.CleanupFailed(subject, e.Message);
        }
    }

    private async Task<IReadOnlyList<XElement>> SearchAsync(
        DatastorePath folder, string pattern, MoRef browser, CancellationToken cancellationToken)
    {
        try
        {
            var result = await _session.Tasks.RunAsync(browser, "SearchDatastore_Task", folder.ToString(), cancellationToken,
                VimXml.El("datastorePath", folder.ToString()),
                VimXml.El("searchSpec",
                    VimXml.El("details", VimXml.El("fileType", true), VimXml.El("fileSize", true), VimXml.El("modification", true), VimXml.El("fileOwner", false)),
                    VimXml.El("matchPattern", pattern)));
            return result?.Children("file").ToList() ?? [];
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return [];
        }
    }
}

namespace VmDeploy.Vsphere;

/// <summary>Folders and files on datastores, through the <c>FileManager</c>.</summary>
internal sealed class DatastoreFiles(VsphereSession session)
{
    /// <summary>
    /// Creates a folder and its parents where they don't exist; the scope removes those that are still empty then.
    /// Returns whether the innermost one is new.
    /// </summary>
    public async Task<bool> MakeFoldersAsync(
        DatastorePath folder, MoRef browser, MoRef datacenter, RollbackScope scope, CancellationToken cancellationToken)
    {
        var isNew = false;
        var names = folder.Path.Split('/');
        for (var depth = 1; depth <= names.Length && folder.Path.Length > 0; depth++)
        {
            var part = folder with { Path = string.Join("/", names.Take(depth)) };
            isNew = await FindAsync(part, browser, cancellationToken) is null;
            if (!isNew)
                continue;
            var item = scope.Add($"folder '{part}'", token => DeleteIfEmptyAsync(part, browser, datacenter, part.ToString(), token));
            try
            {
                await session.Soap.CallAsync(session.Content.FileManager, "MakeDirectory", cancellationToken,
                    VimXml.El("name", part.ToString()),
                    VimXml.Ref("datacenter", datacenter),
                    VimXml.El("createParentDirectories", true));
            }
            catch (VimFault fault) when (fault.Type is "FileAlreadyExists" or "AlreadyExists")
            {
                scope.Keep(item);
                isNew = false;
            }
        }
        return isNew;
    }

    /// <summary>A file or folder (<c>FileInfo</c>), or null if it does not exist.</summary>
    public async Task<XElement?> FindAsync(DatastorePath path, MoRef browser, CancellationToken cancellationToken)
    {
        // Brackets are not wildcards in a vSphere pattern; a question mark always matches them.
        var pattern = path.Name.Replace('[', '?').Replace(']', '?');
        return (await SearchAsync(path.Folder, pattern, browser, cancellationToken)).FirstOrDefault(f => f.Value("path") == path.Name);
    }

    /// <summary>The names of the files and folders in a folder; empty if it does not exist.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(DatastorePath folder, MoRef browser, CancellationToken cancellationToken) =>
        (await SearchAsync(folder, "*", browser, cancellationToken)).Select(f => f.Value("path")).OfType<string>().ToList();

    /// <summary>The ISO files in a folder, and its subfolders, which end in a slash.</summary>
    public async Task<IEnumerable<string>> ListIsosAsync(DatastorePath folder, MoRef browser, CancellationToken cancellationToken) =>
        from file in await SearchAsync(folder, "*", browser, cancellationToken)
        let name = file.Value("path") ?? ""
        where file.TypeName() == "FolderFileInfo" || name.EndsWith(".iso", StringComparison.OrdinalIgnoreCase)
        select folder.Append(name) + (file.TypeName() == "FolderFileInfo" ? "/" : "");

    /// <summary>Moves a file within its datastore, and overwrites an existing one.</summary>
    public Task MoveAsync(DatastorePath source, DatastorePath target, MoRef datacenter, string subject, CancellationToken cancellationToken) =>
        TransferAsync("MoveDatastoreFile_Task", source, target, datacenter, subject, VimXml.El("force", true), cancellationToken);

    /// <summary>Copies a file; disks need the VirtualDiskManager.</summary>
    public Task CopyAsync(DatastorePath source, DatastorePath target, MoRef datacenter, string subject, CancellationToken cancellationToken) =>
        TransferAsync("CopyDatastoreFile_Task", source, target, datacenter, subject, null, cancellationToken);

    private Task TransferAsync(
        string method, DatastorePath source, DatastorePath target, MoRef datacenter, string subject, XElement? force, CancellationToken cancellationToken) =>
        session.Tasks.RunAsync(session.Content.FileManager, method, subject, cancellationToken,
            VimXml.El("sourceName", source.ToString()), VimXml.Ref("sourceDatacenter", datacenter),
            VimXml.El("destinationName", target.ToString()), VimXml.Ref("destinationDatacenter", datacenter), force);

    /// <summary>Deletes a file or a whole folder, if it exists.</summary>
    public async Task DeleteAsync(DatastorePath path, MoRef datacenter, string subject, CancellationToken cancellationToken)
    {
        try
        {
            await session.Tasks.RunAsync(session.Content.FileManager, "DeleteDatastoreFile_Task", subject, cancellationToken,
                VimXml.El("name", path.ToString()),
                VimXml.Ref("datacenter", datacenter));
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            // Already deleted.
        }
    }

    /// <summary>Deletes a folder unless it contains something; false if it does.</summary>
    public async Task<bool> DeleteIfEmptyAsync(DatastorePath folder, MoRef browser, MoRef datacenter, string subject, CancellationToken cancellationToken)
    {
        if ((await ListAsync(folder, browser, cancellationToken)).Count > 0)
            return false;
        await DeleteAsync(folder, datacenter, subject, cancellationToken);
        return true;
    }

    /// <summary>The files and folders in a folder that match a pattern, each with its folder; with those of all folders below if wanted.</summary>
    public async Task<IReadOnlyList<(DatastorePath Folder, XElement File)>> SearchAsync(
        DatastorePath folder, string pattern, bool recurse, MoRef browser, CancellationToken cancellationToken)
    {
        if (!recurse)
            return (await SearchAsync(folder, pattern, browser, cancellationToken)).Select(file => (folder, file)).ToList();
        var result = await session.Tasks.RunAsync(browser, "SearchDatastoreSubFolders_Task", folder.ToString(), cancellationToken, Arguments(folder, pattern));
        return result?.Elements().SelectMany(found => found.Children("file")
            .Select(file => (DatastorePath.Parse(found.Value("folderPath")) is var at ? at with { Path = at.Path.TrimEnd('/') } : at, file))).ToList() ?? [];
    }

    private static XElement[] Arguments(DatastorePath folder, string pattern) =>
    [
        VimXml.El("datastorePath", folder.ToString()),
        VimXml.El("searchSpec",
            VimXml.El("details", VimXml.El("fileType", true), VimXml.El("fileSize", true), VimXml.El("modification", true), VimXml.El("fileOwner", false)),
            VimXml.El("matchPattern", pattern)),
    ];

    private async Task<IReadOnlyList<XElement>> SearchAsync(
        DatastorePath folder, string pattern, MoRef browser, CancellationToken cancellationToken)
    {
        try
        {
            var result = await session.Tasks.RunAsync(browser, "SearchDatastore_Task", folder.ToString(), cancellationToken, Arguments(folder, pattern));
            return result?.Children("file").ToList() ?? [];
        }
        catch (VimFault fault) when (fault.Type == "FileNotFound")
        {
            return [];
        }
    }
}

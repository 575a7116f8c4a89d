using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>The destination of a file in an ISO repository, and the VDI that already has its name.</summary>
internal sealed record IsoTarget(XapiRecord Storage, string Name, XapiRecord? Existing)
{
    /// <summary>The existing file is replaced.</summary>
    public bool Replaces { get; init; }

    public override string ToString() => $"'{Name}' in '{Storage.Name}'{(Existing is null ? "" : Replaces ? " (overwrites it)" : " (already exists)")}";
}

internal sealed class IsoFiles(XapiSession session)
{
    /// <summary>In <c>other_config</c>: the length of the file in bytes; the storage may have rounded the VDI's size up.</summary>
    private const string LengthKey = "vmdeploy-length";
    private const int SectorSize = 512;

    public async Task<IsoTarget> FindAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        request = request.WithoutBrackets();
        var length = LocalFileStream.LengthOf(request.LocalPath);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var (repository, path) = IsoSource.Parse(request.Path ?? "");
        var storage = inventory.IsoStorage(request.Datastore ?? repository);
        if (repository is not null && inventory.IsoStorage(repository).Ref != storage.Ref)
        {
            throw new VmDeployException(ErrorCodes.DatastorePathInvalid,
                $"'{request.Path}' is not in the ISO repository '{storage.Name}'.", request.Path);
        }
        var name = path.Substring(path.LastIndexOf('/') + 1) is { Length: > 0 } last ? last : Path.GetFileName(request.LocalPath);
        if (path.IndexOf('/') > 0)
            session.Log.FolderIgnored(path, storage.Name, name);
        OutgoingText.Checked(name, "the file's name");
        var existing = (await session.Client.AllAsync("VDI", cancellationToken)).Values.FirstOrDefault(v => v.Reference("SR") == storage.Ref && v.Name == name);
        return existing is null || request.Force || LengthOf(existing) == length
            ? new IsoTarget(storage, name, existing) { Replaces = request.Force }
            : throw new VmDeployException(ErrorCodes.FileDiffers,
                $"'{name}' already exists in '{storage.Name}' with {LengthOf(existing)} bytes; the local file has {length} bytes.", name);
    }

    /// <summary>
    /// Sends a file unless it exists. An existing file is kept until the new one is complete.
    /// The scope is null for an operation that ends with the file.
    /// </summary>
    public async Task<(string Vdi, DatastoreFile File)> SendAsync(
        SendFileRequest request, IsoTarget target, RollbackScope? scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        using var source = LocalFileStream.Open(request.LocalPath);
        var (storage, name, existing) = target;
        if (existing is not null && !request.Force)
        {
            session.Log.FileIsThere(name, storage.Name, source.Length);
            return (existing.Ref, ToFile(wasSent: false));
        }
        if (existing is not null && !existing.List("allowed_operations").Contains("destroy"))
        {
            throw new VmDeployException(ErrorCodes.DiskInUse,
                $"'{name}' in '{storage.Name}' can't be replaced: a running VM uses it, or the repository is read-only.", name);
        }
        var aside = $"{name} (replaced {Guid.NewGuid().ToString("N").Substring(0, 8)})";
        var vdi = await RollbackScope.RunAsync(session, name, async own =>
        {
            var uploaded = await UploadAsync(storage, name, source, own, progress, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (existing is not null)
            {
                own.Add($"the name of the existing '{name}' (it may now be '{aside}')", token => RenameAsync(existing.Ref, name, token));
                await RenameAsync(existing.Ref, aside, CancellationToken.None);
            }
            await RenameAsync(uploaded, name, CancellationToken.None);
            return uploaded;
        });
        if (existing is not null)
            await RemoveReplacedAsync(existing, name, aside);
        scope?.Add($"ISO '{name}' in '{storage.Name}'", _ => new VmRemoval(session).RemoveDiskAsync(vdi));
        return (vdi, ToFile(wasSent: true));

        DatastoreFile ToFile(bool wasSent) => File(storage, name, source.Length, wasSent);
    }

    /// <summary>A file of a repository.</summary>
    public DatastoreFile File(XapiRecord storage, string name, long length, bool? wasSent) => new(session, $"[{storage.Name}] {name}", length, wasSent)
    {
        Type = XapiInventory.HoldsIsos(storage) ? "Iso" : "Disk",
        Datastore = storage.Uuid,
    };

    private async Task<string> UploadAsync(
        XapiRecord storage, string name, FileStream source, RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var meter = new TransferMeter(progress, new OperationProgress(0, $"Sending {name}", $"to {storage.Name}") { BytesTotal = source.Length });
        try
        {
            var builder = new VmBuilder(session, scope, name);
            var size = (source.Length + SectorSize - 1) / SectorSize * SectorSize;
            // The file gets its name when it is complete.
            var vdi = await builder.CreateDiskAsync(storage.Ref, size, builder.TemporaryName, (LengthKey, source.Length.ToString(CultureInfo.InvariantCulture)));
            await builder.UploadAsync(name, async () =>
            {
                meter.Add(-meter.Done);
                source.Position = 0;
                await session.Importer.SendAsync(vdi.Ref, vdi.Number("virtual_size"), new RawReader(source), _ => meter.Add(source.Position - meter.Done), cancellationToken);
            }, cancellationToken);
            return vdi.Ref;
        }
        finally
        {
            meter.Complete();
        }
    }

    private async Task RenameAsync(string vdi, string name, CancellationToken cancellationToken)
    {
        if (await session.Client.FindAsync("VDI", vdi, cancellationToken) is { } record && record.Name != name)
            await session.Client.CallAsync("VDI.set_name_label", cancellationToken, vdi, name);
    }

    // The new file is complete and is kept, even if the old one can't be removed.
    private async Task RemoveReplacedAsync(XapiRecord existing, string name, string aside)
    {
        try
        {
            await session.Retries.Cleanup.RunAsync(_ => session.Client.DestroyAsync("VDI", existing.Ref), VmRemoval.IsPassing, CancellationToken.None);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code,
                $"'{name}' was sent, but the file that it replaces, now named '{aside}' ({existing.Uuid}), could not be removed: {e.Message}", name, e, e.Hint);
        }
    }

    internal static long LengthOf(XapiRecord vdi) =>
        vdi.Map("other_config").TryGetValue(LengthKey, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : vdi.Number("virtual_size");
}

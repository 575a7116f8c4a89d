using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>Browses datastores, uploads files, downloads them (<c>GET /folder</c>) and removes them.</summary>
internal sealed class VsphereDatastoreFiles(VsphereSession session) : VmDatastoreFiles
{
    public override async Task<IReadOnlyList<DatastoreFile>> ListAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        request = request.WithoutBrackets();
        var place = await PlaceAsync(request, cancellationToken);
        var (folder, pattern) = (new DatastorePath(place.Name, ""), "*");
        var path = request.Path.TrimEnd('/');
        if (path.Length > 0)
        {
            var named = place.At(path);
            if (named.Name.IndexOfAny(['*', '?']) >= 0)
                (folder, pattern) = (named.Folder, named.Name);
            else if (await session.Files.FindAsync(named, place.Browser, cancellationToken) is not { } one)
                throw NotFound(named.ToString());
            else if (IsFolder(one))
                folder = named;
            else
                return [ToFile(named.Folder, one, place)];
        }
        return (await session.Files.SearchAsync(folder, pattern, request.Recurse, place.Browser, cancellationToken))
            .Select(found => ToFile(found.Folder, found.File, place)).OrderBy(file => file.Path, StringComparer.OrdinalIgnoreCase).ToList();
    }

    public override async Task<PlannedChange<DatastoreFile>> PlanSendAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        request = request.WithoutBrackets();
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var place = DatastorePlace.Resolve(inventory, request.Datastore, request.Datacenter, isForNew: true);
        var sender = new FileSender(session, place, request.LocalPath, request.Path);
        var isThere = await sender.IsThereAsync(request.Force, cancellationToken);
        return new PlannedChange<DatastoreFile>(
            isThere ? $"{sender.Target}, which already exists{(request.Force ? " and is overwritten" : "")}" : sender.Target.ToString(),
            (progress, token) => RollbackScope.RunAsync(session, sender.Target.ToString(),
                scope => sender.SendAsync(request.Force, scope, progress, new OperationProgress(0, $"Sending {request.LocalPath}", ""), token)))
        {
            HostPath = sender.Target.ToString(),
        };
    }

    public override async Task<PlannedChange<FileInfo>> PlanReceiveAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        var (place, file, info) = await FindAsync(request, cancellationToken);
        if (IsFolder(info))
            throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"'{file}' is a folder.", file.ToString());
        var target = new LocalTarget(request.Destination, file.Name, request.Force);
        var length = VmProperties.Number(info.Value("fileSize"));
        return new PlannedChange<FileInfo>($"{file} ({SizeText.Format(length)}) to {target.Path}", async (progress, token) =>
        {
            var meter = new TransferMeter(progress, new OperationProgress(0, $"Receiving {file}", file.ToString()) { BytesTotal = length });
            try
            {
                return await target.WriteAsync(stream => session.Retries.Call.RunAsync(async _ =>
                {
                    meter.Add(-meter.Done);
                    stream.SetLength(0);
                    await ReceiveAsync(place.Url(file), file, length, stream, meter, token);
                }, e => e is VmDeployException { IsTransient: true }, token));
            }
            finally
            {
                meter.Complete();
            }
        })
        {
            LocalPath = target.Path,
        };
    }

    public override async Task<PlannedChange<string>> PlanRemoveAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        var (place, file, info) = await FindAsync(request, cancellationToken);
        if (IsFolder(info) && !request.Recurse && (await session.Files.ListAsync(file, place.Browser, cancellationToken)).Count > 0)
            throw new VmDeployException(ErrorCodes.FolderNotEmpty, $"'{file}' is a folder that is not empty.", file.ToString());
        await CheckUnusedAsync(place, file, IsFolder(info), cancellationToken);
        // A descriptor alone would leave the disk's data behind. A host may not report the type.
        var isDisk = info.TypeName() == "VmDiskFileInfo"
            || (file.Path.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase) && DiskOf(file.ToString()) == file.ToString());
        return new PlannedChange<string>(IsFolder(info) ? $"folder {file} with its contents" : file.ToString(), async (_, token) =>
        {
            if (isDisk)
                await session.Tasks.RunAsync(session.Content.VirtualDiskManager, "DeleteVirtualDisk_Task", file.ToString(), token, VimXml.El("name", file.ToString()), VimXml.Ref("datacenter", place.Datacenter));
            else
                await session.Files.DeleteAsync(file, place.Datacenter, file.ToString(), token);
            return file.ToString();
        });
    }

    private async Task ReceiveAsync(string url, DatastorePath file, long length, Stream stream, TransferMeter meter, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, url);
        message.Headers.AcceptEncoding.Add(new System.Net.Http.Headers.StringWithQualityHeaderValue("identity"));
        long? expected = null;
        long received = 0;
        using var response = await session.Transport.DownloadAsync(message, async (reply, limit, token) =>
        {
            expected = reply.Content.Headers.ContentLength;
            using var body = await reply.Content.ReadAsStreamAsync();
            using (token.Register(body.Dispose))
                received = await DownloadSink.CopyAsync(body, stream, null, count => { limit.Restart(); meter.Add(count); }, token);
        }, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new VmDeployException(ErrorCodes.DownloadFailed, $"The host refused '{file}' with HTTP {(int)response.StatusCode} {response.ReasonPhrase}.", file.ToString()) { IsTransient = (int)response.StatusCode >= 500 };
        // Without a length in the reply, a broken connection looks like its end; a log can only have grown.
        if (expected is { } whole ? received != whole : received < length)
            throw new VmDeployException(ErrorCodes.DownloadFailed, $"{received} of {expected ?? length} bytes of '{file}' were received.", file.ToString()) { IsTransient = true };
    }

    private async Task<DatastorePlace> PlaceAsync(DatastoreFileRequest request, CancellationToken cancellationToken) =>
        DatastorePlace.Resolve(await Inventory.ReadAsync(session.Properties, cancellationToken), request.Datastore, request.Datacenter, isForNew: false);

    private async Task<(DatastorePlace Place, DatastorePath File, XElement Info)> FindAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        var written = request.Path;
        request = request.WithoutBrackets();
        if (request.Path.Length == 0)
            throw NoFile(written);
        var place = await PlaceAsync(request, cancellationToken);
        var file = await place.WithRealTopAsync(session, place.At(request.Path.TrimEnd('/')), cancellationToken);
        return (place, file, await session.Files.FindAsync(file, place.Browser, cancellationToken) ?? throw NotFound(file.ToString()));
    }

    // Templates among them. Files that a device or the layout names are in use, whether the VM runs or not.
    private async Task CheckUnusedAsync(DatastorePlace place, DatastorePath file, bool isFolder, CancellationToken cancellationToken)
    {
        var text = file.ToString();
        var disk = DiskOf(text);
        var users = new List<string>();
        await session.Properties.ReadAllAsync([VmFiles.Properties], page =>
        {
            users.AddRange(page.Where(vm => FilesOf(vm).Any(Matches)).Select(Inventory.NameOf));
            return Task.CompletedTask;
        }, cancellationToken);
        if (users.Count > 0)
            throw InUse(text, users);

        bool Matches(string used) => used == text || (isFolder && used.StartsWith(text + "/", StringComparison.Ordinal)) || used == disk;
    }

    // The descriptor of the disk that a file belongs to.
    private static string? DiskOf(string path) => path.EndsWith(".vmdk", StringComparison.OrdinalIgnoreCase)
        ? System.Text.RegularExpressions.Regex.Replace(path, @"(-flat|-delta|-sesparse|-ctk)?\.vmdk$", ".vmdk")
        : null;

    private static IEnumerable<string> FilesOf(ObjectContent vm) =>
        ConfigSpec.Devices(vm["config.hardware.device"]).SelectMany(device => device.Descendants().Where(e => e.Name.LocalName == "fileName").Select(e => e.Value))
            .Concat(vm["layoutEx"]?.Children("file").Select(file => file.Value("name")).OfType<string>() ?? [])
            .Concat(vm.Text("config.files.vmPathName") is { } config ? [config] : []);

    private DatastoreFile ToFile(DatastorePath folder, XElement info, DatastorePlace place) => new(session, folder.Append(info.Value("path") ?? "").ToString(), VmProperties.Number(info.Value("fileSize")), WasSent: null)
    {
        Type = info.TypeName() switch
        {
            "FolderFileInfo" => "Folder",
            "VmDiskFileInfo" => "Disk",
            "VmConfigFileInfo" or "TemplateConfigFileInfo" => "Config",
            "IsoImageFileInfo" => "Iso",
            "VmNvramFileInfo" => "Nvram",
            "VmLogFileInfo" => "Log",
            _ => "File",
        },
        Modified = DateTimeOffset.TryParse(info.Value("modification"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.UtcDateTime : null,
        Datastore = place.Name,
        Datacenter = place.DatacenterName,
    };

    private static bool IsFolder(XElement info) => info.TypeName() == "FolderFileInfo";
}

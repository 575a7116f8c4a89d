using System.Text.RegularExpressions;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>The VDIs of storage repositories as files: those of ISO repositories, and the disks of others where one is named.</summary>
internal sealed class XapiDatastoreFiles(XapiSession session) : VmDatastoreFiles
{
    public override async Task<IReadOnlyList<DatastoreFile>> ListAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        (request, var datastores) = request.WithoutBracketsAndNames();
        var pattern = request.Path.TrimEnd('/');
        var isPattern = pattern.Length == 0 || pattern.IndexOfAny(['*', '?']) >= 0;
        var found = await VdisAsync(datastores, cancellationToken);
        var regex = new Regex($"^{Regex.Escape(pattern.Length == 0 ? "*" : pattern).Replace(@"\*", ".*").Replace(@"\?", ".")}$", RegexOptions.IgnoreCase | RegexOptions.Singleline);
        var files = found.Where(one => isPattern ? regex.IsMatch(one.Vdi.Name) : IsNamed(one.Vdi, pattern)).Select(one => ToFile(one.Vdi, one.Storage)).ToList();
        return files.Count > 0 || isPattern ? files.OrderBy(file => file.Path, StringComparer.OrdinalIgnoreCase).ToList() : throw NotFound(request.Path);
    }

    public override async Task<PlannedChange<DatastoreFile>> PlanSendAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        var target = await session.Files.FindAsync(request, cancellationToken);
        return new PlannedChange<DatastoreFile>(target.ToString(), async (progress, token) => (await session.Files.SendAsync(request, target, null, progress, token)).File) { HostPath = target.ToString() };
    }

    public override async Task<PlannedChange<FileInfo>> PlanReceiveAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        var (vdi, file) = await FindAsync(request, cancellationToken);
        var target = new LocalTarget(request.Destination, vdi.Name.Length > 0 ? vdi.Name : vdi.Uuid, request.Force);
        return new PlannedChange<FileInfo>($"{file} ({SizeText.Format(file.Length)}) to {target.Path}", async (progress, token) =>
        {
            var meter = new TransferMeter(progress, new OperationProgress(0, $"Receiving {file}", file.Path) { BytesTotal = vdi.Number("virtual_size") });
            try
            {
                return await target.WriteAsync(stream => session.Retries.Call.RunAsync(async _ =>
                {
                    meter.Add(-meter.Done);
                    stream.SetLength(0);
                    await ReceiveAsync(vdi, file, stream, meter, token);
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
        var (vdi, file) = await FindAsync(request, cancellationToken);
        var drives = await session.Client.FindAsync("VBD", vdi.List("VBDs"), cancellationToken);
        var users = await session.Client.FindAsync("VM", drives.Select(vbd => vbd.Reference("VM")).OfType<string>(), cancellationToken);
        if (users.Any(vm => !vm.Flag("is_control_domain")))
            throw InUse(file.Path, users.Where(vm => !vm.Flag("is_control_domain")).Select(vm => vm.Name));
        if (!vdi.List("allowed_operations").Contains("destroy"))
            throw new VmDeployException(ErrorCodes.DiskInUse, $"'{file}' can't be removed: the host is using it, or the repository is read-only.", file.Path);
        return new PlannedChange<string>(file.Path, async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            await session.Client.DestroyAsync("VDI", vdi.Ref);
            return file.Path;
        });
    }

    private Task ReceiveAsync(XapiRecord vdi, DatastoreFile file, Stream stream, TransferMeter meter, CancellationToken cancellationToken) =>
        new VdiExporter(session).ReadAsync(vdi, file.ToString(), body => DownloadSink.CopyAsync(body, stream, file.Length, count => meter.Add(count), cancellationToken), cancellationToken);

    private async Task<(XapiRecord Vdi, DatastoreFile File)> FindAsync(DatastoreFileRequest request, CancellationToken cancellationToken)
    {
        var written = request.Path;
        (request, var datastores) = request.WithoutBracketsAndNames();
        if (request.Path.Length == 0)
            throw NoFile(written);
        var found = (await VdisAsync(datastores, cancellationToken)).Where(one => IsNamed(one.Vdi, request.Path)).ToList();
        return found.Count switch
        {
            1 => (found[0].Vdi, ToFile(found[0].Vdi, found[0].Storage)),
            0 => throw NotFound(request.Path),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousPath,
                $"{found.Count} files have the name '{request.Path}'; their uuids: {Names.List(found.Select(one => one.Vdi.Uuid))}.", request.Path),
        };
    }

    // Neither snapshots nor the host's own VDIs: the parents of clones, the memory of suspended VMs, the pool's data.
    private async Task<IReadOnlyList<(XapiRecord Vdi, XapiRecord Storage)>> VdisAsync(IReadOnlyList<string> datastores, CancellationToken cancellationToken)
    {
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        foreach (var missing in datastores.Where(name => !inventory.Storage.Values.Any(sr => IsCalled(sr, name))))
            throw new VmDeployException(ErrorCodes.StorageNotFound, $"Storage repository '{missing}' not found. {Names.Available(inventory.Storage.Values.Select(sr => sr.Name))}", missing);
        var repositories = inventory.Storage.Values.Where(sr => datastores.Count > 0
            ? datastores.All(name => IsCalled(sr, name))
            : XapiInventory.HoldsIsos(sr) && sr.Text("type") != "udev").ToDictionary(sr => sr.Ref);
        if (repositories.Count == 0 && datastores.Count > 1)
            throw new VmDeployException(ErrorCodes.DatastorePathInvalid, $"The path is on storage repository '{datastores[0]}', but '{datastores[1]}' was given.", datastores[1]);
        return (await session.Client.AllAsync("VDI", cancellationToken)).Values
            .Where(vdi => vdi.Reference("SR") is { } sr && repositories.ContainsKey(sr) && !vdi.Flag("is_a_snapshot")
                && vdi.Flag("managed") && vdi.Text("type") is ("user" or "system" or "ephemeral"))
            .Select(vdi => (vdi, repositories[vdi.Reference("SR")!])).ToList();
    }

    private static bool IsCalled(XapiRecord sr, string name) => sr.Name == name || string.Equals(sr.Uuid, name, StringComparison.OrdinalIgnoreCase);

    private static bool IsNamed(XapiRecord vdi, string name) =>
        vdi.Name == name || vdi.Text("location") == name || string.Equals(vdi.Uuid, name, StringComparison.OrdinalIgnoreCase);

    private DatastoreFile ToFile(XapiRecord vdi, XapiRecord storage) =>
        session.Files.File(storage, vdi.Name.Length > 0 ? vdi.Name : vdi.Uuid, IsoFiles.LengthOf(vdi), wasSent: null);
}

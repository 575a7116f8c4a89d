using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>A place for a file in an ISO repository.</summary>
/// <param name="Storage">The repository.</param>
/// <param name="Name">The VDI's name.</param>
/// <param name="There">The VDI of that name that is there, or null.</param>
internal sealed record IsoTarget(XapiRecord Storage, string Name, string? There)
{
    public override string ToString() => $"'{Name}' in '{Storage.Name}'{(There is null ? "" : ", which is there")}";
}

/// <summary>Puts local files into ISO repositories.</summary>
internal sealed class IsoFiles
{
    /// <summary>In <c>other_config</c>: the file's own length; the storage may round the disk's size up.</summary>
    private const string LengthKey = "vmdeploy-length";
    private const int SectorSize = 512;

    private readonly XapiSession _session;

    public IsoFiles(XapiSession session) => _session = session;

    /// <summary>Finds the place of a file that is to be sent; refuses one that may not be overwritten.</summary>
    public async Task<IsoTarget> FindAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        var length = LocalFileStream.LengthOf(request.LocalPath);
        var inventory = await XapiInventory.ReadAsync(_session.Client, cancellationToken);
        var storage = inventory.IsoStorage(request.Datastore);
        var name = NameOf(request);
        var there = (await _session.Client.AllAsync("VDI", cancellationToken)).Values.FirstOrDefault(v => v.Reference("SR") == storage.Ref && v.Name == name);
        return there is null || request.Force || LengthOf(there) == length
            ? new IsoTarget(storage, name, there?.Ref)
            : throw new VmDeployException(ErrorCodes.FileDiffers,
                $"'{storage.Name}' has another '{name}', of {LengthOf(there)} bytes instead of {length}.", name);
    }

    /// <summary>Sends a file unless it is there already; on failure nothing of it is left.</summary>
    public async Task<(string Vdi, DatastoreFile File)> SendAsync(
        SendFileRequest request, IsoTarget target, IProgress<OperationProgress> progress, int bar, CancellationToken cancellationToken)
    {
        using var source = LocalFileStream.Open(request.LocalPath);
        var (storage, name, there) = target;
        if (there is not null && !request.Force)
        {
            _session.Log.FileIsThere(name, storage.Name, source.Length);
            return (there, new DatastoreFile(_session, name, source.Length, WasSent: false));
        }
        if (there is not null)
            await _session.Client.CallAsync("VDI.destroy", cancellationToken, there);
        var vdi = await UploadAsync(storage, name, source, progress, bar, cancellationToken);
        return (vdi, new DatastoreFile(_session, name, source.Length, WasSent: true));
    }

    private async Task<string> UploadAsync(XapiRecord storage, string name, FileStream source, IProgress<OperationProgress> progress, int bar, CancellationToken cancellationToken)
    {
        var made = new HalfMadeVm(_session, name);
        var builder = new VmBuilder(_session, made);
        var meter = new TransferMeter(progress, new OperationProgress(bar, $"Sending {name}", $"to {storage.Name}") { BytesTotal = source.Length });
        try
        {
            var size = (source.Length + SectorSize - 1) / SectorSize * SectorSize;
            var length = source.Length.ToString(CultureInfo.InvariantCulture);
            var vdi = await builder.CreateDiskAsync(storage.Ref, size, name, new Dictionary<string, string> { [LengthKey] = length });
            long position = 0;
            await _session.Importer.SendAsync(vdi.Ref, vdi.Number("virtual_size"), new RawReader(source), _ =>
            {
                meter.Add(source.Position - position);
                position = source.Position;
            }, cancellationToken);
            return vdi.Ref;
        }
        catch
        {
            await made.RemoveAsync();
            throw;
        }
        finally
        {
            meter.Complete();
        }
    }

    // Repositories have no folders.
    private static string NameOf(SendFileRequest request)
    {
        var path = (request.Path ?? "").Replace('\\', '/');
        var name = path.Substring(path.LastIndexOf('/') + 1);
        return name.Length > 0 ? name : Path.GetFileName(request.LocalPath);
    }

    private static long LengthOf(XapiRecord vdi) =>
        vdi.Map("other_config").TryGetValue(LengthKey, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : vdi.Number("virtual_size");
}

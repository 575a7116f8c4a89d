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

/// <summary>Puts local files into ISO repositories.</summary>
internal sealed class IsoFiles
{
    /// <summary>In <c>other_config</c>: the file's own length; the storage may round the disk's size up.</summary>
    private const string LengthKey = "vmdeploy-length";
    private const int SectorSize = 512;

    private readonly XapiSession _session;

    public IsoFiles(XapiSession session) => _session = session;

    /// <summary>Sends a file unless it is there already; on failure nothing of it is left.</summary>
    public async Task<(string Vdi, DatastoreFile File)> SendAsync(SendFileRequest request, IProgress<OperationProgress> progress, int bar, CancellationToken cancellationToken)
    {
        if (!File.Exists(request.LocalPath))
            throw new VmDeployException(ErrorCodes.LocalFileNotFound, $"There is no file '{request.LocalPath}'.", request.LocalPath);
        using var source = Open(request.LocalPath);
        var inventory = await XapiInventory.ReadAsync(_session.Client, cancellationToken);
        var storage = inventory.IsoStorage(request.Datastore);
        var name = NameOf(request);
        var there = (await _session.Client.AllAsync("VDI", cancellationToken)).Values.FirstOrDefault(v => v.Reference("SR") == storage.Ref && v.Name == name);
        if (there is not null && !request.Force)
        {
            return IsSame(there, source.Length) ? (there.Ref, new DatastoreFile(_session, name, source.Length, WasSent: false)) : throw new VmDeployException(ErrorCodes.FileDiffers,
                $"'{storage.Name}' has another '{name}', of {LengthOf(there)} bytes instead of {source.Length}.", name);
        }
        if (there is not null)
            await _session.Client.CallAsync("VDI.destroy", cancellationToken, there.Ref);
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

    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileUnreadable, $"'{path}' can't be read: {e.Message}", path, e);
        }
    }

    // Repositories have no folders.
    private static string NameOf(SendFileRequest request)
    {
        var path = (request.Path ?? "").Replace('\\', '/');
        var name = path.Substring(path.LastIndexOf('/') + 1);
        return name.Length > 0 ? name : Path.GetFileName(request.LocalPath);
    }

    private static bool IsSame(XapiRecord vdi, long length) => LengthOf(vdi) == length;

    private static long LengthOf(XapiRecord vdi) =>
        vdi.Map("other_config").TryGetValue(LengthKey, out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : vdi.Number("virtual_size");
}

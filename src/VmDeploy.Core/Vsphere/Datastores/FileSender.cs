using System.Diagnostics;
using System.Net.Http.Headers;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>
/// Sends local files to a datastore (<c>PUT /folder</c>). A failed upload leaves nothing behind, and an existing file remains
/// unchanged until the new one is complete.
/// </summary>
internal sealed class FileSender
{
    // Between the clocks of a host and of this machine.
    private static readonly TimeSpan s_clockDifference = TimeSpan.FromMinutes(1);

    private readonly VsphereSession _session;
    private readonly DatastorePlace _place;
    private readonly string _source;
    private DateTime? _moveBegan;

    /// <summary>A path that ends in a slash, or null, is a folder, and the file keeps its name.</summary>
    public FileSender(VsphereSession session, DatastorePlace place, string source, string? path)
    {
        _session = session;
        _place = place;
        _source = source;
        Length = LocalFileStream.LengthOf(source);
        var target = path ?? "";
        Target = place.At(target.Length == 0 || target[target.Length - 1] is '/' or '\\' ? target + System.IO.Path.GetFileName(source) : target);
    }

    public DatastorePath Target { get; }
    public long Length { get; }

    /// <summary>Whether the file already exists; one of another length is refused, unless it may be overwritten.</summary>
    public async Task<bool> IsThereAsync(bool force, CancellationToken cancellationToken) => await FindAsync(force, cancellationToken) is not null;

    private async Task<XElement?> FindAsync(bool force, CancellationToken cancellationToken)
    {
        if (await _session.Files.FindAsync(Target, _place.Browser, cancellationToken) is not { } present)
        {
            await _place.CheckFolderAsync(_session, Target, cancellationToken);
            return null;
        }
        if (LengthOf(present) is not { } length)
            throw new VmDeployException(ErrorCodes.FileDiffers, $"{Target} is a folder.", Target.ToString(), hint: ErrorHint.TargetIsFolder);
        return force || length == Length
            ? present
            : throw new VmDeployException(ErrorCodes.FileDiffers,
                $"{Target} already exists with {length} bytes; '{_source}' has {Length} bytes.", Target.ToString());
    }

    /// <summary>Sends the file unless it exists; the scope removes it again.</summary>
    public async Task<DatastoreFile> SendAsync(
        bool force, RollbackScope scope, IProgress<OperationProgress> progress, OperationProgress bar, CancellationToken cancellationToken)
    {
        var present = await FindAsync(force, cancellationToken);
        if (present is not null && !force)
        {
            if (IsOlder(present))
                _session.Log.FileIsOlder(Target, _source);
            else
                _session.Log.FileIsThere(Target, Length);
            return ToFile(wasSent: false);
        }
        // A unique name, so that a failure never deletes a file that another program has put there meanwhile.
        var upload = present is null ? Target : Target with { Path = $"{Target.Path}.{Guid.NewGuid().ToString("N").Substring(0, 8)}.upload" };
        var meter = new TransferMeter(progress, bar with { Status = Target.ToString(), BytesTotal = Length });
        try
        {
            await _session.Files.MakeFoldersAsync(Target.Folder, _place.Browser, _place.Datacenter, scope, cancellationToken);
            var item = scope.Add($"file '{upload}'", token => RemoveAsync(upload, token));
            await _session.Retries.Call.UploadAsync(_session.Log, upload.Datastore, upload.Path, () => PutAsync(upload, meter, cancellationToken), cancellationToken);
            if (!await IsWholeAsync(upload, cancellationToken))
                throw new VmDeployException(ErrorCodes.UploadRefused, $"{Target} was sent, but the host does not have all of its {Length} bytes.", Target.ToString());
            if (present is not null)
            {
                item.What = $"file '{upload}', the complete new '{Target}'";
                await OverwriteAsync(upload, cancellationToken);
                scope.Keep(item);
            }
        }
        finally
        {
            meter.Complete();
        }
        return ToFile(wasSent: true);
    }

    private DatastoreFile ToFile(bool wasSent) => new(_session, Target.ToString(), Length, wasSent) { Datastore = _place.Name, Datacenter = _place.DatacenterName };

    // A move whose answer was lost may be complete, or still running.
    private async Task OverwriteAsync(DatastorePath upload, CancellationToken cancellationToken)
    {
        _moveBegan = DateTime.UtcNow;
        try
        {
            await _session.Files.MoveAsync(upload, Target, _place.Datacenter, Target.ToString(), cancellationToken);
        }
        catch (VmDeployException e) when (e.IsUnanswered)
        {
            var hasMoved = await _session.Retries.Cleanup.RunAsync(async _ =>
            {
                await SettleAsync(CancellationToken.None);
                return await _session.Files.FindAsync(upload, _place.Browser, CancellationToken.None) is null
                    && await IsWholeAsync(Target, CancellationToken.None);
            }, RollbackScope.IsPassing, CancellationToken.None);
            if (!hasMoved)
                throw;
        }
    }

    private Task SettleAsync(CancellationToken cancellationToken) =>
        _moveBegan is { } began ? _session.Tasks.SettleAsync("FileManager.moveFile", began, cancellationToken) : Task.CompletedTask;

    // A host may have removed the old file before the move failed: then the upload, which is whole, takes its place.
    private async Task RemoveAsync(DatastorePath upload, CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        if (_moveBegan is null
            || await _session.Files.FindAsync(Target, _place.Browser, cancellationToken) is not null
            || !await IsWholeAsync(upload, cancellationToken))
        {
            await _session.Files.DeleteAsync(upload, _place.Datacenter, upload.ToString(), cancellationToken);
            return;
        }
        await _session.Files.MoveAsync(upload, Target, _place.Datacenter, Target.ToString(), cancellationToken);
        _session.Log.FileIsReplaced(Target);
    }

    private async Task<bool> IsWholeAsync(DatastorePath file, CancellationToken cancellationToken) =>
        await _session.Files.FindAsync(file, _place.Browser, cancellationToken) is { } found && LengthOf(found) == Length;

    private async Task PutAsync(DatastorePath target, TransferMeter meter, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        meter.Add(-meter.Done);
        using var source = LocalFileStream.Open(_source);
        using var body = new UploadContent(source, Length, sent => meter.Add(sent));
        using var request = new HttpRequestMessage(HttpMethod.Put, _place.Url(target));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await _session.Transport.UploadAsync(request, body, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw await HttpRefusal.ReadAsync(response, target.Datastore, target.Path);
        _session.Log.Uploaded(target.Datastore, target.Path, Length, clock.ElapsedMilliseconds);
    }

    // A host reports only the length and the date of a file; its content would have to be downloaded.
    private bool IsOlder(XElement present) => present.Value("modification") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var modified)
        && System.IO.File.GetLastWriteTimeUtc(_source) > modified.UtcDateTime + s_clockDifference;

    // Null for a folder.
    private static long? LengthOf(XElement file) =>
        file.TypeName() != "FolderFileInfo" && long.TryParse(file.Value("fileSize"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
}

using System.Text.RegularExpressions;

namespace VmDeploy.Xapi;

/// <summary>An ISO for a CD drive: one in an ISO repository, or a local file that is uploaded when it is needed.</summary>
internal sealed class IsoSource(XapiSession session, string storage, XapiRecord? vdi, SendFileRequest? upload)
{
    private readonly object _gate = new();
    private Task<string>? _uploading;

    /// <summary>Finds an ISO by name, <c>[repository] name.iso</c> or uuid, or a local file; null uploads it to the only writable repository.</summary>
    public static async Task<IsoSource> FindAsync(XapiSession session, XapiInventory inventory, string path, string? uploadTo, CancellationToken cancellationToken)
    {
        var (repository, name) = Parse(path);
        if (repository is null && File.Exists(path))
        {
            await IsoImage.CheckAsync(path, cancellationToken);
            var storage = inventory.IsoStorage(uploadTo);
            return new IsoSource(session, storage.Name, null, new SendFileRequest(path, storage.Uuid));
        }
        var repositories = inventory.IsoRepositories.Where(sr => repository is null || sr.Name == repository || sr.Uuid == repository).ToList();
        if (repositories.Count == 0)
        {
            throw new VmDeployException(ErrorCodes.IsoStorageNotFound, repository is null ? "This pool has no ISO repository."
                : $"ISO repository '{repository}' not found. {Names.Available(inventory.IsoRepositories.Select(sr => sr.Name), "This pool has no ISO repository.")}", path);
        }
        var isos = (await IsosAsync(session, inventory, cancellationToken)).Where(i => repositories.Contains(i.Storage)).ToList();
        var last = name.Substring(name.LastIndexOf('/') + 1);
        var found = isos.FirstOrDefault(i => i.Vdi.Name == name || i.Vdi.Text("location") == name || string.Equals(i.Vdi.Uuid, name, StringComparison.OrdinalIgnoreCase));
        if (found.Vdi is null)
            found = isos.FirstOrDefault(i => i.Vdi.Name == last);
        if (found.Vdi is not null)
            return new IsoSource(session, found.Storage.Name, found.Vdi, null);
        var where = repository is null ? ", neither in the ISO repositories nor as a local file" : "";
        throw new VmDeployException(ErrorCodes.IsoNotFound,
            $"ISO '{path}' not found{where}. {Names.Available(isos.Select(i => i.Vdi.Name), repository is null ? "The ISO repositories are empty." : $"'{repository}' is empty.")}", path);
    }

    /// <summary>Splits <c>[repository] name</c>; the repository is null if there are no brackets. Backslashes become slashes.</summary>
    public static (string? Repository, string Name) Parse(string path)
    {
        var written = Regex.Match(path, @"^\[([^\]]+)\]\s*(.*)$");
        return written.Success ? (written.Groups[1].Value, written.Groups[2].Value.Replace('\\', '/')) : (null, path.Replace('\\', '/'));
    }

    public static async Task<IsoSource> FindDriveAsync(XapiSession session, XapiInventory inventory, string? name, CancellationToken cancellationToken)
    {
        var drives = (await IsosAsync(session, inventory, cancellationToken)).Where(i => i.Storage.Text("type") == "udev").ToList();
        var found = drives.FirstOrDefault(d => name is null || d.Vdi.Name == name || d.Vdi.Text("location") == name);
        return found.Vdi is not null ? new IsoSource(session, found.Storage.Name, found.Vdi, null) : throw new VmDeployException(ErrorCodes.HostDriveNotFound,
            $"CD drive{(name is null ? "" : $" '{name}'")} not found on the host. {Names.Available(drives.Select(d => d.Vdi.Name), "The host has no CD drive.")}", name);
    }

    /// <summary>The VDI; the first call uploads a local file.</summary>
    public Task<string> VdiAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (vdi is not null)
            return Task.FromResult(vdi.Ref);
        lock (_gate)
            return _uploading ??= UploadAsync(scope, progress, cancellationToken);
    }

    public override string ToString() => upload is null ? $"ISO '{vdi?.Name}' in '{storage}'" : $"'{upload.LocalPath}' uploaded to '{storage}'";

    private async Task<string> UploadAsync(RollbackScope scope, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var target = await session.Files.FindAsync(upload!, cancellationToken);
        return (await session.Files.SendAsync(upload!, target, scope, progress, cancellationToken)).Vdi;
    }

    // The host would accept any disk as a CD; only what is in an ISO repository is one.
    internal static async Task<IEnumerable<(XapiRecord Vdi, XapiRecord Storage)>> IsosAsync(XapiSession session, XapiInventory inventory, CancellationToken cancellationToken) =>
        (await session.Client.AllAsync("VDI", cancellationToken)).Values
            .Where(v => v.Reference("SR") is { } sr && inventory.Storage.TryGetValue(sr, out var storage) && XapiInventory.HoldsIsos(storage))
            .Select(v => (v, inventory.Storage[v.Reference("SR")!]));
}

namespace VmDeploy.Vsphere;

internal sealed class VsphereChoices(VsphereSession session) : VmChoices
{
    private const int MaxDatastores = 20;

    // The folder that uploads go to by default, and the top.
    private static readonly string[] s_usualFolders = ["iso", ""];

    private IReadOnlyList<(string Id, string Name)>? _guests;

    // The host's list is megabytes of XML, and doesn't change.
    public override async Task<IReadOnlyList<(string Id, string Name)>> GetGuestIdsAsync(CancellationToken cancellationToken) =>
        _guests ??= await ReadGuestsAsync(cancellationToken);

    public override async Task<IReadOnlyList<string>> GetIsosAsync(string start, CancellationToken cancellationToken)
    {
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var isPath = DatastorePath.TryParse(start, out var path);
        var datastores = inventory.Datastores.Where(d => d.Text("summary.accessible") != "false" && d.Reference("browser") is not null);
        if (isPath)
            datastores = datastores.Where(d => Inventory.NameOf(d) == path.Datastore);
        var folders = isPath ? [start.EndsWith("/", StringComparison.Ordinal) ? path.Path.TrimEnd('/') : path.Folder.Path] : s_usualFolders;
        var found = await Task.WhenAll(datastores.Take(MaxDatastores).SelectMany(_ => folders, (datastore, folder) =>
            session.Files.ListIsosAsync(new DatastorePath(Inventory.NameOf(datastore), folder), datastore.Reference("browser")!.Value, cancellationToken)));
        return found.SelectMany(names => names).ToList();
    }

    private async Task<IReadOnlyList<(string Id, string Name)>> ReadGuestsAsync(CancellationToken cancellationToken)
    {
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        if (inventory.ComputeResources.FirstOrDefault() is not { } compute)
            return [];
        return (await GuestOptions.ListAsync(session, compute.Object, cancellationToken))
            .Select(guest => (guest.Value("id") ?? "", guest.Value("fullName") ?? "")).ToList();
    }
}

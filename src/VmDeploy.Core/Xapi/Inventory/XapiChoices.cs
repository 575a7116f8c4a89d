namespace VmDeploy.Xapi;

internal sealed class XapiChoices(XapiSession session) : VmChoices
{
    // A guest id is a VMware term; the template decides here.
    public override Task<IReadOnlyList<(string Id, string Name)>> GetGuestIdsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<(string Id, string Name)>>([]);

    // Repositories have no folders.
    public override async Task<IReadOnlyList<string>> GetIsosAsync(string start, CancellationToken cancellationToken)
    {
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        return (await IsoSource.IsosAsync(session, inventory, cancellationToken)).Where(iso => iso.Storage.Text("type") != "udev")
            .Select(iso => $"[{iso.Storage.Name}] {iso.Vdi.Name}").ToList();
    }
}

using System.Net;

namespace VmDeploy.Vsphere;

/// <summary>
/// <c>GET /screen</c>. Where a host does not serve that page, <c>CreateScreenshot_Task</c> leaves a file in the VM's folder, which is
/// read and deleted.
/// </summary>
internal sealed class VsphereScreen(VsphereSession session) : VmScreen
{
    // A host that has just powered the VM on, or moves its console.
    private const string Busy = "MKS";

    private protected override async Task<byte[]> ReadAsync(Vm vm, CancellationToken cancellationToken)
    {
        var path = $"/screen?id={Uri.EscapeDataString(vm.Id)}";
        var answer = await GetAsync(path, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            // A call renews the session.
            await session.PingAsync(cancellationToken);
            answer = await GetAsync(path, cancellationToken);
        }
        if (answer.Status == HttpStatusCode.OK && Picture.Inspect(answer.Content) is not null)
            return answer.Content;
        if (answer.Status != HttpStatusCode.OK && Says(System.Text.Encoding.UTF8.GetString(answer.Content)))
            throw NotAvailable(vm, "its console is not available yet", isTransient: true);
        return await ReadFileAsync(vm, answer.Status, cancellationToken);
    }

    private async Task<byte[]> ReadFileAsync(Vm vm, HttpStatusCode status, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        var folder = DatastorePath.Parse(hardware.Content.Text("config.files.vmPathName")).Folder;
        var place = DatastorePlace.Of(await Inventory.ReadAsync(session.Properties, cancellationToken), hardware, folder.Datastore);
        var before = await session.Files.ListAsync(folder, place.Browser, cancellationToken);
        string? made = null;
        var scope = new RollbackScope(session, vm.Name);
        var item = scope.Add($"screenshot in '{folder}'", async token =>
        {
            await session.Tasks.SettleAsync(hardware.Reference, token);
            // Other clients may create pictures there too.
            foreach (var name in made is null ? await NewPicturesAsync(token) : [made])
                await DeleteAsync(name, token);
        });
        byte[] content;
        try
        {
            var file = DatastorePath.Parse((await session.Tasks.RunAsync(hardware.Reference, "CreateScreenshot_Task", vm.Name, cancellationToken))?.Value);
            made = file.Path.Substring(file.Path.LastIndexOf('/') + 1);
            item.What = $"file '{file}'";
            var answer = await GetAsync(place.Url(file), cancellationToken);
            content = answer.Status == HttpStatusCode.OK ? answer.Content : throw NotAvailable(vm, $"the host answers HTTP {(int)answer.Status} for '{file}'");
        }
        catch (Exception e)
        {
            var failure = e is VimFault fault ? NotAvailable(vm, $"the host answers HTTP {(int)status}, and CreateScreenshot_Task: {fault.Message}", Says(fault.Message), fault) : e as VmDeployException;
            var kept = await scope.RollBackAsync(e);
            if (failure is null)
                throw;
            throw failure.WithLeftovers(kept);
        }
        // A success leaves nothing behind either.
        var left = await scope.RollBackAsync(null);
        return left.Count == 0 ? content : throw NotAvailable(vm, "the host's file with it could not be deleted").WithLeftovers(left);

        async Task<List<string>> NewPicturesAsync(CancellationToken token) =>
            (await session.Files.ListAsync(folder, place.Browser, token)).Except(before).Where(name => name.EndsWith(".png", StringComparison.OrdinalIgnoreCase)).ToList();

        async Task DeleteAsync(string name, CancellationToken token)
        {
            try
            {
                await session.Files.DeleteAsync(folder.Append(name), place.Datacenter, vm.Name, token);
            }
            catch (VimFault)
            {
                // The task may have continued on the host.
                if ((await NewPicturesAsync(token)).Contains(name))
                    throw;
            }
        }
    }

    private async Task<(HttpStatusCode Status, byte[] Content)> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        using var response = await session.Transport.SendAsync(request, TimeSpan.Zero, MaxPicture, cancellationToken);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }

    private static bool Says(string text) => text.IndexOf(Busy, StringComparison.Ordinal) >= 0;
}

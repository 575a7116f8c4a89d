using System.Net;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    private static readonly IProgress<OperationProgress> s_noProgress = new Progress<OperationProgress>();

    /// <summary>Paths below datastore1 with special characters.</summary>
    [SkippableTheory]
    [InlineData(null, "tiny disc [1].iso")]
    [InlineData("iso/", "iso/tiny disc [1].iso")]
    [InlineData("a b/c&d/100 +%.iso", "a b/c&d/100 +%.iso")]
    public async Task A_file_is_sent_once(string? path, string expected)
    {
        await ListAsync();
        using var folder = new TempFolder();
        var request = Disc(folder, 3 << 20) with { Path = path };
        var reports = new Reports();
        var sent = await Session.DatastoreFiles.SendAsync(request, reports, s_none);
        Assert.True(sent.WasSent);
        Assert.Equal(3 << 20, sent.Length);
        Assert.Equal($"[datastore1] {expected}", sent.Path);
        Assert.Equal(File.ReadAllBytes(request.LocalPath), await DownloadAsync(expected));
        Assert.Equal(3 << 20, reports.All[^1].BytesDone);
        Assert.True(reports.All[^1].IsCompleted);

        var again = await Session.DatastoreFiles.SendAsync(request, s_noProgress, s_none);
        Assert.False(again.WasSent);
        Assert.Equal(sent.Path, again.Path);
    }

    [SkippableFact]
    public async Task Another_file_of_the_name_is_overwritten_only_on_request()
    {
        await ListAsync();
        using var folder = new TempFolder();
        await Session.DatastoreFiles.SendAsync(Disc(folder, 1000) with { Path = "x/y.iso" }, s_noProgress, s_none);
        var other = Disc(folder, 2000) with { Path = "x/y.iso" };
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.DatastoreFiles.SendAsync(other, s_noProgress, s_none));
        Assert.Equal("FileDiffers", refused.Code.Id);
        Assert.Contains("1000", refused.Message);
        Assert.True((await Session.DatastoreFiles.SendAsync(other with { Force = true }, s_noProgress, s_none)).WasSent);
        Assert.Equal(File.ReadAllBytes(other.LocalPath), await DownloadAsync("x/y.iso"));
        Assert.DoesNotContain(await FilesAsync(), f => f.Contains(".upload"));
    }

    [SkippableFact]
    public async Task A_file_that_can_not_be_sent_is_refused_by_name()
    {
        await ListAsync();
        using var folder = new TempFolder();
        var request = Disc(folder, 10);
        await RefusedAsync(request with { LocalPath = folder["none.iso"] }, "LocalFileNotFound", "none.iso");
        await RefusedAsync(request with { LocalPath = folder.Path }, "LocalFileNotFound", "folder");
        await RefusedAsync(request with { Datastore = "nowhere" }, "DatastoreNotFound", "datastore1");
        await RefusedAsync(request with { Datacenter = "nowhere" }, "DatacenterNotFound", "ha-datacenter");
        await RefusedAsync(request with { Datastore = null }, "AmbiguousPlacement", "datastore1");
        await RefusedAsync(request with { Path = "iso/../../x.iso" }, "DatastorePathInvalid", "x.iso");

        async Task RefusedAsync(SendFileRequest wrong, string id, string word)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(() => Session.DatastoreFiles.SendAsync(wrong, s_noProgress, s_none));
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(word, refused.Message);
        }
    }

    [SkippableFact]
    public async Task An_upload_survives_a_broken_connection()
    {
        var line = new BrokenLine { Only = r => r.Method == HttpMethod.Put, BodyBytes = 1 << 20 };
        using var session = await ConnectAsync(line);
        using var folder = new TempFolder();
        line.BreakAt(1, times: 2);
        var request = Disc(folder, 2 << 20) with { Path = "iso/z.iso" };
        Assert.True((await session.DatastoreFiles.SendAsync(request, s_noProgress, s_none)).WasSent);
        Assert.Equal(2, line.Broken);
        Assert.Equal(File.ReadAllBytes(request.LocalPath), await DownloadAsync("iso/z.iso"));
    }

    [SkippableFact]
    public async Task A_file_that_arrived_in_part_is_removed_and_the_old_one_stays()
    {
        var line = new BrokenLine { Only = r => r.Method == HttpMethod.Put, BodyBytes = 1 << 20 };
        using var session = await ConnectAsync(line);
        using var folder = new TempFolder();
        var request = Disc(folder, 1000) with { Path = "iso/z.iso" };
        await Session.DatastoreFiles.SendAsync(request, s_noProgress, s_none);
        var old = File.ReadAllBytes(request.LocalPath);
        var before = await FilesAsync();

        line.BreakAt(1, times: 3);
        var larger = Disc(folder, 2 << 20) with { Path = "deep/er/z.iso" };
        var broken = await Assert.ThrowsAsync<VmDeployException>(() => session.DatastoreFiles.SendAsync(larger, s_noProgress, s_none));
        Assert.Equal("ConnectionLost", broken.Code.Id);
        Assert.Equal(before, await FilesAsync());

        line.BreakAt(1, times: 3);
        await Assert.ThrowsAsync<VmDeployException>(() => session.DatastoreFiles.SendAsync(larger with { Path = "iso/z.iso", Force = true }, s_noProgress, s_none));
        Assert.Equal(before, await FilesAsync());
        Assert.Equal(old, await DownloadAsync("iso/z.iso"));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Wherever_sending_a_file_breaks_nothing_is_left(bool late)
    {
        using var folder = new TempFolder();
        var request = Disc(folder, 1000) with { Path = "new/folder/z.iso" };
        await BreakEverywhereAsync(late, session => session.DatastoreFiles.SendAsync(request, s_noProgress, s_none), () => DeleteFileAsync("new"));
    }

    private protected async Task<VmSession> ConnectAsync(BrokenLine line)
    {
        await ListAsync();
        // Short pauses, because the line breaks only once.
        var retries = new RetryPolicies(new(3, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)), new(8, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(50)))
        {
            BeforeSecondLook = () => Task.Delay(20),
        };
        return await VsphereSession.ConnectAsync(_options! with { WrapHandler = line.Wrap, Retries = retries }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, s_none);
    }

    /// <summary>
    /// Repeats an operation with the connection broken at its first request, at its second and so on, until no request
    /// is left. Whenever it fails, the host must be in the same state as before.
    /// </summary>
    private protected async Task BreakEverywhereAsync(bool late, Func<VmSession, Task> act, Func<Task> undo, int least = 3)
    {
        var line = new BrokenLine();
        using var session = await ConnectAsync(line);
        var before = await ContentAsync();
        var failures = 0;
        for (var request = 1; ; request++)
        {
            line.BreakAt(request, late);
            VmDeployException? failure = null;
            try
            {
                await act(session);
            }
            catch (VmDeployException e)
            {
                failure = e;
            }
            if (line.Broken == 0)
                break;
            if (failure is null)
            {
                await undo();
                continue;
            }
            failures++;
            line.BreakAt(int.MaxValue);
            Assert.Equal("ConnectionLost", failure.Code.Id);
            var after = await ContentAsync();
            Assert.True(before.SequenceEqual(after),
                $"After request {request} broke: {string.Join(", ", after.Except(before))} new, {string.Join(", ", before.Except(after))} missing.");
        }
        // Reads are repeated, so that only changes fail.
        Assert.True(failures >= least, $"Only {failures} failures.");
    }

    /// <summary>All VMs with their drives, and all files.</summary>
    private protected async Task<List<string>> ContentAsync()
    {
        var content = new List<string>();
        foreach (var vm in (await ListAsync()).OrderBy(vm => vm.Name))
        {
            content.Add($"VM {vm.Name}");
            var hardware = await VmHardware.ReadAsync((VsphereSession)Session, vm, s_none);
            content.AddRange(hardware.Devices.Select(d => $"VM {vm.Name}: {d.TypeName()} {d.Value("key")} {d.Child("backing")?.TypeName()}"));
        }
        return [.. content, .. await FilesAsync()];
    }

    /// <summary>All files and folders on datastore1.</summary>
    private protected async Task<List<string>> FilesAsync()
    {
        var session = (VsphereSession)Session;
        var inventory = await Inventory.ReadAsync(session.Properties, s_none);
        var place = DatastorePlace.Resolve(inventory, "datastore1", null, isForNew: true);
        var found = await session.Tasks.RunAsync(place.Browser, "SearchDatastoreSubFolders_Task", "files", s_none,
            VimXml.El("datastorePath", "[datastore1]"), VimXml.El("searchSpec", VimXml.El("matchPattern", "*")));
        return found!.Elements().SelectMany(f => f.Children("file").Select(i => $"{f.Value("folderPath")}/{i.Value("path")}")).Order().ToList();
    }

    private protected async Task<byte[]> DownloadAsync(string path)
    {
        var session = (VsphereSession)Session;
        var inventory = await Inventory.ReadAsync(session.Properties, s_none);
        var place = DatastorePlace.Resolve(inventory, "datastore1", null, isForNew: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, place.Url(place.At(path)));
        using var response = await session.Transport.SendAsync(request, TimeSpan.Zero, VmDeploy.Transfer.HttpTransport.MaxReply, s_none);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task DeleteFileAsync(string path)
    {
        var session = (VsphereSession)Session;
        var inventory = await Inventory.ReadAsync(session.Properties, s_none);
        var place = DatastorePlace.Resolve(inventory, "datastore1", null, isForNew: true);
        await session.Files.DeleteAsync(place.At(path), place.Datacenter, path, s_none);
    }

    private static SendFileRequest Disc(TempFolder folder, int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        if (length > 17 * 2048)
            Iso.Mark(content);
        var path = folder["tiny disc [1].iso"];
        File.WriteAllBytes(path, content);
        return new SendFileRequest(path, "datastore1");
    }

    private sealed class Reports : IProgress<OperationProgress>
    {
        private readonly List<OperationProgress> _all = [];

        public IReadOnlyList<OperationProgress> All => _all;

        public void Report(OperationProgress value)
        {
            lock (_all)
                _all.Add(value);
        }
    }
}

using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    [SkippableFact]
    public async Task Snapshots_are_taken_listed_restored_and_removed()
    {
        var vm = Assert.Single(await ImportAsync(TinyVm("shot1")));
        Assert.Empty(await Session.Snapshots.GetAsync(vm, s_none));
        var first = await TakeAsync(new SnapshotRequest(vm, "first 100%") { Description = "as imported" });
        Assert.Equal("first 100%", first.Name);
        Assert.Equal("as imported", first.Description);
        Assert.Null(first.Parent);
        Assert.True(first.IsCurrent);
        Assert.False(first.HasMemory);
        Assert.InRange(first.Created, DateTime.Now.AddMinutes(-5), DateTime.Now.AddMinutes(5));
        var second = await TakeAsync(new SnapshotRequest(vm, "second"));
        var twin = await TakeAsync(new SnapshotRequest(vm, "second"));

        Assert.Equal([(first.Id, null, 0, false), (second.Id, first.Id, 1, false), (twin.Id, second.Id, 2, true)],
            (await Session.Snapshots.GetAsync(vm, s_none)).Select(one => (one.Id, one.ParentId, one.Depth, one.IsCurrent)));
        await RefusedAsync(() => Session.Snapshots.FindAsync(vm, "third", s_none), "SnapshotNotFound", "'first 100%', 'second'");
        await RefusedAsync(() => Session.Snapshots.FindAsync(vm, "SECOND", s_none), "AmbiguousSnapshot", twin.Id);
        await RefusedAsync(() => Session.Snapshots.PlanTakeAsync(new SnapshotRequest(vm, " "), s_none), "NameInvalid", "shot1");
        Assert.Equal(twin.Id, (await Session.Snapshots.FindAsync(vm, twin.Id, s_none)).Id);

        var restore = await Session.Snapshots.PlanRestoreAsync(first, s_none);
        Assert.Contains("'first 100%' of 2", restore.Description);
        Assert.Contains("all changes since then are lost", restore.Description);
        Assert.Equal("Off", (await restore.RunAsync(s_noProgress, s_none)).PowerState);
        Assert.True((await Session.Snapshots.FindAsync(vm, first.Id, s_none)).IsCurrent);

        var removed = await RemoveAsync(second, withChildren: false);
        Assert.Equal([second.Id], removed.Select(one => one.Id));
        Assert.Equal([first.Id, twin.Id], (await Session.Snapshots.GetAsync(vm, s_none)).Select(one => one.Id));
        await RefusedAsync(() => Session.Snapshots.PlanRemoveAsync(second, false, s_none), "SnapshotNotFound", "no longer exists");
        await RefusedAsync(() => Session.Snapshots.PlanRestoreAsync(second, s_none), "SnapshotNotFound", "no longer exists");
        removed = await RemoveAsync(first, withChildren: true);
        Assert.Equal([first.Id, twin.Id], removed.Select(one => one.Id));
        Assert.Empty(await Session.Snapshots.GetAsync(vm, s_none));
        await Session.RemoveVmAsync(vm, force: true, s_none);

        async Task<VmSnapshot> TakeAsync(SnapshotRequest request) => await (await Session.Snapshots.PlanTakeAsync(request, s_none)).RunAsync(s_noProgress, s_none);

        async Task<IReadOnlyList<VmSnapshot>> RemoveAsync(VmSnapshot snapshot, bool withChildren) =>
            await (await Session.Snapshots.PlanRemoveAsync(snapshot, withChildren, s_none)).RunAsync(s_noProgress, s_none);

        async Task RefusedAsync(Func<Task> act, string id, string word)
        {
            var refused = await Assert.ThrowsAsync<VmDeployException>(act);
            Assert.Equal(id, refused.Code.Id);
            Assert.Contains(word, refused.Message);
        }
    }
}

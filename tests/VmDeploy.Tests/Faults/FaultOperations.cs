using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Faults;

/// <summary>An operation of a user.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Arrange">Creates what the operation needs.</param>
/// <param name="Act">The operation in which the fault occurs.</param>
internal sealed record FaultOperation(string Name, Func<FaultStage, Task> Arrange, Func<FaultStage, CancellationToken, Task> Act)
{
    private static readonly IProgress<OperationProgress> s_quiet = new OnProgress(_ => { });
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly string[] s_one = ["mk-one"];
    private static readonly CloudInitData s_cloudInit = new() { UserData = "#!/bin/sh\necho {name}\n" };

    private static readonly HardwareRequest s_hardware = new()
    {
        CpuCount = 2,
        DiskBytes = [64 << 20],
        ExtraDiskBytes = [1 << 20],
        MacAddresses = ["00:50:56:01:00:01", "00:50:56:01:00:02"],
    };

    /// <summary>Can be partly done after a failure, if a repetition finishes it: it creates nothing new.</summary>
    public bool IsRepeatable { get; init; }

    /// <summary>It sends bytes.</summary>
    public bool Uploads { get; init; }

    /// <summary>The names of the deployed VMs.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mk-one", "mk-two", "mk-three"];

    public static IEnumerable<FaultOperation> For(HypervisorKind kind)
    {
        yield return new("Connect and disconnect", NothingAsync, async (stage, token) =>
        {
            var session = await stage.ConnectAsync(token);
            await session.CloseAsync(token);
        })
        { IsRepeatable = true };
        yield return new("List everything", NothingAsync, async (stage, token) =>
        {
            await stage.Session.GetVmsAsync(new VmQuery(), token);
            await stage.Session.Discovery.GetDatastoresAsync(token);
            await stage.Session.Discovery.GetNetworksAsync(token);
            await stage.Session.Discovery.GetHypervisorsAsync(token);
            await stage.Session.Discovery.GetTemplatesAsync(token);
        });
        yield return new("Import an OVA", NothingAsync, (stage, token) => stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = s_one }, token)) { Uploads = true };
        yield return new("Import 3 instances", NothingAsync, (stage, token) =>
            stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = Names, ThrottleLimit = 3 }, token))
        { Uploads = true };
        yield return new("Import 2 instances with hardware", NothingAsync, (stage, token) =>
            stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = [Names[0], Names[1]], Hardware = s_hardware }, token))
        { Uploads = true };
        yield return new("Import a package of VirtualBox", NothingAsync, (stage, token) => stage.ImportAsync(new OvaImportRequest(FaultFiles.ForeignOva)
        {
            Names = s_one,
            Adapt = true,
            Hardware = new() { NetworkMap = new Dictionary<string, string> { ["*"] = kind == HypervisorKind.XenServer ? SimulatedXenServer.Network : "VM Network" } },
        }, token))
        { Uploads = true };
        // One after the other, so that the disk is always that of the first.
        yield return new("Import machines that share a disk", NothingAsync, (stage, token) => stage.ImportAsync(new VAppRequest(new OvaImportRequest(FaultFiles.Cluster)
        {
            Adapt = true,
            ThrottleLimit = 1,
            Hardware = new() { NetworkMap = new Dictionary<string, string> { ["*"] = NetworkOf(kind) } },
        })
        { NamePattern = "mk-{name}" }, token))
        { Uploads = true };
        yield return new("Import and replace", async stage =>
        {
            await stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = s_one, Annotation = "old" }, CancellationToken.None);
            stage.Made.Clear();
        }, (stage, token) => stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = s_one, ExistingVm = ExistingVmAction.Replace }, token))
        { Uploads = true };
        yield return new("Clone", SourceAsync, (stage, token) => CloneAsync(stage, linked: false, token));
        yield return new("Clone with hardware", SourceAsync, async (stage, token) => await stage.DeployAsync(
            await stage.Session.PlanCloneAsync(new CloneRequest(stage.Source!) { Names = [Names[0], Names[1]], Hardware = s_hardware }, token), token));
        yield return new("Linked clone", SourceAsync, (stage, token) => CloneAsync(stage, linked: true, token));
        yield return new("Import 2 with cloud-init", NothingAsync, (stage, token) =>
            stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = [.. Names.Take(2)], CloudInit = s_cloudInit }, token))
        { Uploads = true };
        // On XenServer the default is a drive.
        foreach (var (sourceVia, via) in kind == HypervisorKind.XenServer ? [(null, null)] : new (CloudInitVia?, CloudInitVia?)[] { (CloudInitVia.Drive, CloudInitVia.Drive), (CloudInitVia.Drive, CloudInitVia.Guestinfo) })
        {
            yield return new($"Clone with cloud-init{(via is null ? "" : $" by {via}")}", stage => SeededSourceAsync(stage, sourceVia), async (stage, token) => await stage.DeployAsync(
                await stage.Session.PlanCloneAsync(new CloneRequest(stage.Source!) { Names = s_one, CloudInit = s_cloudInit with { Via = via } }, token), token))
            { Uploads = via != CloudInitVia.Guestinfo };
        }
        if (kind != HypervisorKind.Esxi)
            yield return new("From a template", stage => TemplateAsync(stage), FromTemplateAsync) { Uploads = kind == HypervisorKind.XenServer };
        if (kind == HypervisorKind.XenServer)
        {
            yield return new("From a stock template", NothingAsync, async (stage, token) => await stage.DeployAsync(
                await stage.Session.PlanTemplateAsync(new TemplateRequest("Debian Bookworm 12") { Names = s_one, Hardware = new() { Networks = [SimulatedXenServer.Network] } }, token), token));
        }
        yield return new("New VM with a local ISO", NothingAsync, async (stage, token) =>
            await stage.DeployAsync(await stage.Session.PlanIsoVmAsync(stage.Placed(new IsoVmRequest(FaultFiles.LocalIso) { Names = s_one, Hardware = new() { DiskBytes = [4 << 20] } }), token), token))
        { Uploads = true };
        yield return new("Add a CD with a local ISO", SourceAsync, async (stage, token) =>
            await stage.Session.Cdroms.AddAsync(stage.Source!, new CdromMedium(CdromMediumKind.Iso, FaultFiles.LocalIso), null, s_quiet, token))
        { Uploads = true };
        yield return new("Set a CD to a local ISO", async stage =>
        {
            await SourceAsync(stage);
            stage.Drive = await stage.Session.Cdroms.AddAsync(stage.Source!, CdromMedium.Empty, null, s_quiet, CancellationToken.None);
        }, async (stage, token) =>
            await stage.Session.Cdroms.SetAsync(stage.Drive!, new CdromMedium(CdromMediumKind.Iso, FaultFiles.LocalIso), false, s_quiet, token))
        { Uploads = true, IsRepeatable = true };
        yield return new("Send a file", NothingAsync, async (stage, token) => await stage.Session.DatastoreFiles.SendAsync(stage.Send(FaultFiles.LocalIso), s_quiet, token))
        { Uploads = true };
        yield return new("Send a file over another", async stage => await stage.Session.DatastoreFiles.SendAsync(stage.Send(FaultFiles.OtherIso), s_quiet, CancellationToken.None),
            async (stage, token) => await stage.Session.DatastoreFiles.SendAsync(stage.Send(FaultFiles.LocalIso) with { Force = true }, s_quiet, token))
        { Uploads = true, IsRepeatable = true };
        yield return new("List files", SentAsync, async (stage, token) => await stage.Session.DatastoreFiles.ListAsync(stage.File(recurse: true), token));
        yield return new("Receive a file", SentAsync, async (stage, token) =>
        {
            var local = Path.Combine(Path.GetTempPath(), $"vmdeploy-received-{Guid.NewGuid():N}");
            try
            {
                await (await stage.Session.DatastoreFiles.PlanReceiveAsync(stage.File() with { Destination = local }, token)).RunAsync(s_quiet, token);
            }
            finally
            {
                File.Delete(local);
            }
        });
        yield return new("Remove a file", SentAsync,
            async (stage, token) => await (await stage.Session.DatastoreFiles.PlanRemoveAsync(stage.File(), token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Start", SourceAsync, (stage, token) => stage.Session.Power.StartAsync(stage.Source!, token)) { IsRepeatable = true };
        yield return new("Stop", RunningAsync, (stage, token) => stage.Session.Power.StopAsync(stage.Source!, force: true, TimeSpan.FromSeconds(10), token)) { IsRepeatable = true };
        yield return new("Restart", RunningAsync, (stage, token) => stage.Session.Power.RestartAsync(stage.Source!, force: true, s_patience, token)) { IsRepeatable = true };
        yield return new("Suspend", ToolsAsync, (stage, token) => stage.Session.Power.SuspendAsync(stage.Source!, token)) { IsRepeatable = true };
        yield return new("Resume", async stage =>
        {
            await ToolsAsync(stage);
            await stage.Session.Power.SuspendAsync(stage.Source!, CancellationToken.None);
        }, (stage, token) => stage.Session.Power.ResumeAsync(stage.Source!, token))
        { IsRepeatable = true };
        yield return new("Take a picture", RunningAsync, (stage, token) => stage.Session.Screen.CaptureAsync(stage.Source!, token));
        if (kind != HypervisorKind.XenServer)
        {
            yield return new("Take a picture by a task", async stage =>
            {
                await RunningAsync(stage);
                stage.HideScreenPage();
            }, (stage, token) => stage.Session.Screen.CaptureAsync(stage.Source!, token));
        }
        yield return new("Take a snapshot", SourceAsync, (stage, token) => TakeSnapshotAsync(stage, "new", token));
        yield return new("Take a snapshot with memory", ToolsAsync, (stage, token) => TakeSnapshotAsync(stage, "new", token));
        yield return new("Restore a snapshot", SnapshotsAsync, async (stage, token) =>
            await (await stage.Session.Snapshots.PlanRestoreAsync(await stage.Session.Snapshots.FindAsync(stage.Source!, "first", token), token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Remove snapshots", SnapshotsAsync, async (stage, token) =>
            await (await stage.Session.Snapshots.PlanRemoveAsync(await stage.Session.Snapshots.FindAsync(stage.Source!, "first", token), withChildren: true, token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Export", SourceAsync, (stage, token) => ExportAsync(stage, token));
        yield return new("Export through a snapshot", RunningAsync, (stage, token) => ExportAsync(stage, token));
        // Both sides are the same host, so that every call of both is hit.
        yield return new("Copy", SourceAsync, (stage, token) => CopyAsync(stage, token)) { Uploads = true };
        yield return new("Copy through a snapshot", RunningAsync, (stage, token) => CopyAsync(stage, token)) { Uploads = true };
        if (kind != HypervisorKind.XenServer)
        {
            yield return new("Answer a question", AskedAsync, async (stage, token) =>
                await stage.Session.Questions.AnswerAsync(await stage.Session.Questions.GetAsync(stage.Source!, token), "I Copied It", token))
            { IsRepeatable = true };
        }
        if (kind != HypervisorKind.Esxi)
        {
            yield return new("Convert to a template", SourceAsync, async (stage, token) =>
                await (await stage.Session.Templates.PlanFromVmAsync(stage.Source!, token)).RunAsync(s_quiet, token))
            { IsRepeatable = true };
            yield return new("Convert from a template", async stage =>
            {
                await SourceAsync(stage);
                await (await stage.Session.Templates.PlanFromVmAsync(stage.Source!, CancellationToken.None)).RunAsync(s_quiet, CancellationToken.None);
            }, async (stage, token) => await (await stage.Session.Templates.PlanToVmAsync(stage.Source!.Id, null, null, token)).RunAsync(s_quiet, token))
            { IsRepeatable = true };
        }
        yield return new("Change the settings", SourceAsync, async (stage, token) => await (await stage.Session.Configuration.PlanAsync(stage.Source!,
            new VmSettings { CpuCount = 3, MemoryMB = 256, NewName = "renamed", Annotation = "changed" }, token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        // On XenServer the guest must cooperate.
        yield return new("Add a disk", ToolsAsync, async (stage, token) =>
            await (await stage.Session.Disks.PlanAddAsync(stage.Source!, new NewDisk { SizeBytes = 4 << 20, Controller = kind == HypervisorKind.XenServer ? null : DiskController.ParaVirtual }, token)).RunAsync(s_quiet, token));
        yield return new("Grow a disk", SourceAsync, async (stage, token) =>
            await (await stage.Session.Disks.PlanGrowAsync(stage.Source!.Disks[0], 8 << 20, token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Detach a disk", DiskAsync, (stage, token) => RemoveDiskAsync(stage, keepFile: true, token)) { IsRepeatable = true };
        yield return new("Delete a disk", DiskAsync, (stage, token) => RemoveDiskAsync(stage, keepFile: false, token)) { IsRepeatable = true };
        yield return new("Add an adapter", ToolsAsync, async (stage, token) =>
            await (await stage.Session.NetworkAdapters.PlanAddAsync(stage.Source!, new NewNetworkAdapter(NetworkOf(kind)), token)).RunAsync(s_quiet, token));
        yield return new("Disconnect an adapter", ToolsAsync, async (stage, token) => await (await stage.Session.NetworkAdapters.PlanSetAsync(
            stage.Source!.NetworkAdapters[0], new NetworkAdapterChange { Connected = false, Network = OtherNetworkOf(kind) }, token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Remove an adapter", ToolsAsync, async (stage, token) =>
            await (await stage.Session.NetworkAdapters.PlanRemoveAsync(stage.Source!.NetworkAdapters[0], token)).RunAsync(s_quiet, token))
        { IsRepeatable = true };
        yield return new("Remove", RunningAsync, (stage, token) => stage.Session.RemoveVmAsync(stage.Source!, force: true, token)) { IsRepeatable = true };
        yield return new("Remove a linked clone", async stage =>
        {
            await SourceAsync(stage);
            await CloneAsync(stage, linked: true, CancellationToken.None);
            stage.Made.Clear();
            stage.Source = await stage.FindAsync(s_one[0]);
        }, (stage, token) => stage.Session.RemoveVmAsync(stage.Source!, force: true, token))
        { IsRepeatable = true };
    }

    public override string ToString() => Name;

    private static Task NothingAsync(FaultStage stage) => Task.CompletedTask;

    private static async Task SentAsync(FaultStage stage) => await stage.Session.DatastoreFiles.SendAsync(stage.Send(FaultFiles.LocalIso), s_quiet, CancellationToken.None);

    private static async Task SourceAsync(FaultStage stage) => stage.Source = await stage.GivenVmAsync("source");

    private static async Task SeededSourceAsync(FaultStage stage, CloudInitVia? via)
    {
        await stage.ImportAsync(new OvaImportRequest(FaultFiles.Ova) { Names = ["source"], CloudInit = s_cloudInit with { Via = via } }, CancellationToken.None);
        stage.Made.Clear();
        stage.Source = await stage.FindAsync("source");
    }

    private static async Task RunningAsync(FaultStage stage)
    {
        await SourceAsync(stage);
        await stage.Session.Power.StartAsync(stage.Source!, CancellationToken.None);
    }

    private static async Task ToolsAsync(FaultStage stage)
    {
        await RunningAsync(stage);
        await stage.Session.Waiting.WaitAsync(stage.Source!, VmCondition.Tools, s_patience, CancellationToken.None);
    }

    private static async Task DiskAsync(FaultStage stage)
    {
        await ToolsAsync(stage);
        await (await stage.Session.Disks.PlanAddAsync(stage.Source!, new NewDisk { SizeBytes = 4 << 20, Controller = stage.Kind == HypervisorKind.XenServer ? null : DiskController.ParaVirtual }, CancellationToken.None)).RunAsync(s_quiet, CancellationToken.None);
    }

    private static async Task RemoveDiskAsync(FaultStage stage, bool keepFile, CancellationToken token) =>
        await (await stage.Session.Disks.PlanRemoveAsync(stage.Source!.Disks.Single(disk => disk.CapacityBytes == 4 << 20), keepFile, token)).RunAsync(s_quiet, token);

    private static string NetworkOf(HypervisorKind kind) => kind == HypervisorKind.XenServer ? SimulatedXenServer.Network : "VM Network";

    private static string OtherNetworkOf(HypervisorKind kind) => kind == HypervisorKind.XenServer ? "Pool-wide network associated with eth1" : "Lab";

    private static async Task TakeSnapshotAsync(FaultStage stage, string name, CancellationToken token) => await (await stage.Session.Snapshots.PlanTakeAsync(
        new SnapshotRequest(stage.Source!, name) { Description = "by the matrix", Memory = true }, token)).RunAsync(s_quiet, token);

    private static async Task SnapshotsAsync(FaultStage stage)
    {
        await ToolsAsync(stage);
        await TakeSnapshotAsync(stage, "first", CancellationToken.None);
        await TakeSnapshotAsync(stage, "second", CancellationToken.None);
    }

    // A package that is not whole has no name, and nothing else is in its folder.
    private static async Task ExportAsync(FaultStage stage, CancellationToken token)
    {
        using var folder = new TempFolder();
        var isDone = false;
        try
        {
            var request = new ExportRequest(stage.Source!, folder["out.ova"]) { Snapshot = stage.Source!.PowerState == nameof(PowerState.On) };
            await (await stage.Session.Exports.PlanAsync(request, token)).RunAsync(s_quiet, token);
            isDone = true;
        }
        finally
        {
            // What is complete may stay, even if the host could not be cleaned up then.
            var left = Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).ToList();
            Assert.True(left.Count == 0 || left is ["out.ova"], string.Join(", ", left));
            Assert.True(!isDone || left.Count == 1);
        }
    }

    private static async Task CopyAsync(FaultStage stage, CancellationToken token) => await stage.DeployAsync(
        await stage.Session.PlanCopyAsync(stage.Placed(new CopyRequest(stage.Source!) { Names = s_one, Snapshot = true }), token), token);

    private static async Task AskedAsync(FaultStage stage)
    {
        await SourceAsync(stage);
        stage.AskAtPowerOn();
        await Assert.ThrowsAsync<VmDeployException>(() => stage.Session.Power.StartAsync(stage.Source!, CancellationToken.None));
    }

    private static async Task CloneAsync(FaultStage stage, bool linked, CancellationToken token) => await stage.DeployAsync(
        await stage.Session.PlanCloneAsync(new CloneRequest(stage.Source!) { Names = s_one, Linked = linked, Hardware = new() { MemoryMB = 128 } }, token), token);

    private static async Task TemplateAsync(FaultStage stage)
    {
        if (stage.Kind == HypervisorKind.XenServer)
            return;
        var vm = await stage.GivenVmAsync("alpine-template");
        await (await stage.Session.Templates.PlanFromVmAsync(vm, CancellationToken.None)).RunAsync(s_quiet, CancellationToken.None);
    }

    private static async Task FromTemplateAsync(FaultStage stage, CancellationToken token)
    {
        var request = stage.Placed(new TemplateRequest("alpine-template")
        {
            Names = s_one,
            Hardware = new() { CpuCount = 2, MemoryMB = 1024, ExtraDiskBytes = [1 << 20] },
            CloudInit = new CloudInitData { UserData = "#!/bin/sh\n" },
        });
        // Only XenServer creates a VLAN.
        if (stage.Kind == HypervisorKind.XenServer)
            request = request with { Vlan = 7 };
        await stage.DeployAsync(await stage.Session.PlanTemplateAsync(request, token), token);
    }
}

using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Xapi;

/// <summary>What an operation leaves on the host if the host is unreachable for some time, answers too late, or refuses the cleanup.</summary>
public sealed class XapiRollbackTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly IProgress<OperationProgress> s_quiet = new SimulatedXenServer.Quiet();

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outage_of_several_requests_leaves_nothing(bool late)
    {
        var line = new BrokenLine();
        var ova = new OvaBuilder { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(DiskImages.Mixed(100_352, 1)))] }.WriteOva(_folder);
        await using var server = await SimulatedXenServer.StartAsync(via: options => options with { WrapHandler = line.Wrap });
        var failures = 0;
        for (var call = 1; ; call++)
        {
            using var package = await VmDeploy.Ova.OvaPackage.OpenAsync(ova, s_none);
            var plan = await server.Session.PlanOvaImportAsync(new OvaImportRequest(ova) { Names = ["x"] }, package, s_none);
            line.BreakAt(call, late, times: 5);
            var vms = await server.RunAsync(plan);
            var isOver = line.Broken == 0;
            line.BreakAt(int.MaxValue, times: 0);
            failures += server.Failures.Count;
            Assert.All(server.Failures.Values, e => Assert.DoesNotContain("Not rolled back", e.Message, StringComparison.Ordinal));
            foreach (var vm in vms)
                await server.Session.RemoveVmAsync(vm, force: false, s_none);
            server.AssertNothingIsLeft();
            Assert.Empty(server.Session.Unfinished.Items);
            if (isOver)
                break;
        }
        Assert.True(failures > 5, $"only {failures} outages mattered");
    }

    [Theory]
    [InlineData("VM.create")]
    [InlineData("VDI.create")]
    [InlineData("Async.VM.clone")]
    public async Task What_a_request_creates_after_our_time_out_is_removed(string method)
    {
        var late = new LateDelivery(method);
        var ova = new OvaBuilder().WriteOva(_folder);
        await using var server = await SimulatedXenServer.StartAsync(via: options => options with
        {
            WrapHandler = late.Wrap,
            Retries = options.Retries with { BeforeSecondLook = late.DeliverAsync },
        });
        if (method == "Async.VM.clone")
            await server.RunAsync(await server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["x"] }, s_none));
        else
            await server.ImportAsync(new OvaImportRequest(ova) { Names = ["x"] });
        Assert.Equal("ConnectionLost", server.Failures["x"].Code.Id);
        Assert.True(late.IsDelivered);
        Assert.Contains(server.Simulator.Calls, c => c.Method == method);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task An_ISO_that_is_replaced_stays_until_the_new_one_is_complete()
    {
        var (before, after) = (DiskImages.Mixed(70_001, 3), DiskImages.Mixed(90_000, 4));
        await using var server = await SimulatedXenServer.StartAsync();
        var failures = 0;
        foreach (var isLost in new[] { false, true })
        {
            for (var call = 0; ; call++)
            {
                await SendAsync(before);
                var isos = Isos(server);
                var request = new SendFileRequest(_folder.Write("a.iso", after), null) { Force = true };
                var plan = await server.Session.DatastoreFiles.PlanSendAsync(request, s_none);
                if (isLost)
                    server.Simulator.Faults.DropReply("*", skip: call);
                else
                    server.Simulator.Faults.FailCall("*", "INTERNAL_ERROR", ["by order"], skip: call);
                VmDeployException? error = null;
                try
                {
                    await plan.RunAsync(s_quiet, s_none);
                }
                catch (VmDeployException e)
                {
                    error = e;
                    failures++;
                }
                var isStruck = server.Simulator.Faults.Left == 0;
                server.Simulator.Faults.Clear();

                // Either the old file is unchanged, or the new one is complete.
                var isReplaced = error is null || error.Message.Contains("was sent", StringComparison.Ordinal);
                var stored = await server.Session.DatastoreFiles.PlanSendAsync(new SendFileRequest(_folder.Write("a.iso", isReplaced ? after : before), null), s_none);
                Assert.False((await stored.RunAsync(s_quiet, s_none)).WasSent);
                SimulatedXenServer.AssertHolds(await PathAsync(server, "a.iso"), isReplaced ? after : before);
                var left = Isos(server).Except(isos).Where(name => !error?.Message.Contains(name, StringComparison.Ordinal) ?? true);
                Assert.True(!left.Any(), $"call {call}: {string.Join(", ", left)} after {error?.Message}");
                if (!isStruck)
                    break;
            }
        }
        Assert.True(failures > 5, $"only {failures} calls mattered");

        async Task SendAsync(byte[] content) =>
            await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("a.iso", content), null) { Force = true }, s_quiet, s_none);
    }

    [Fact]
    public async Task An_ISO_whose_predecessor_can_not_be_removed_is_complete_and_both_are_named()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("a.iso", DiskImages.Mixed(70_001, 3)), null), s_quiet, s_none);
        var after = DiskImages.Mixed(90_000, 4);
        server.Simulator.Faults.FailCall("VDI.destroy", "SR_BACKEND_FAILURE_46", ["", "The VDI is not available", ""]);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() =>
            server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("a.iso", after), null) { Force = true }, s_quiet, s_none));
        Assert.Equal("StorageFailed", error.Code.Id);
        Assert.Contains("'a.iso' was sent", error.Message, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(Isos(server), name => name.StartsWith("a.iso (replaced", StringComparison.Ordinal)), error.Message, StringComparison.Ordinal);
        SimulatedXenServer.AssertHolds(await PathAsync(server, "a.iso"), after);
    }

    [Fact]
    public async Task An_ISO_that_a_running_VM_uses_is_not_replaced()
    {
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        await server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, "tiny.iso"), null, s_quiet, s_none);
        await server.Session.Power.StartAsync(vm, s_none);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() =>
            server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("tiny.iso", DiskImages.Mixed(90_000, 4)), null) { Force = true }, s_quiet, s_none));
        Assert.Equal("DiskInUse", error.Code.Id);
        Assert.DoesNotContain(server.Simulator.Calls, c => c.Method == "PUT import_raw_vdi");
    }

    [Fact]
    public async Task A_sent_file_survives_broken_uploads()
    {
        var content = DiskImages.Mixed(200_000, 5);
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.CutUpload(50_000);
        server.Simulator.Faults.CutUpload(0);
        Assert.True((await server.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("b.iso", content), null), s_quiet, s_none)).WasSent);
        SimulatedXenServer.AssertHolds(await PathAsync(server, "b.iso"), content);
    }

    [Fact]
    public async Task A_CD_drive_that_can_not_be_added_takes_its_ISO_along()
    {
        var iso = _folder.Write("mine.iso", Iso.Mark(DiskImages.Mixed(100_000, 1)));
        await using var server = await SimulatedXenServer.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        var vm = await server.FindAsync("vm-00001");
        foreach (var method in new[] { "VBD.create", "VBD.insert" })
        {
            server.Simulator.Faults.FailCall(method, "INTERNAL_ERROR", ["by order"]);
            Assert.Equal("HostFault", (await AddAsync()).Code.Id);
            server.AssertNothingIsLeft();
            server.Simulator.Faults.DropReply(method);
            Assert.Equal("ConnectionLost", (await AddAsync()).Code.Id);
            server.AssertNothingIsLeft();
        }
        // The rollback fails too: the error has the cause, and what is left.
        server.Simulator.Faults.FailCall("VBD.insert", "SR_BACKEND_FAILURE_50", ["", "gone", ""]);
        server.Simulator.Faults.FailCall("VBD.destroy", "INTERNAL_ERROR", ["by order"]);
        var error = await AddAsync();
        Assert.Equal("StorageFailed", error.Code.Id);
        Assert.Contains("SR_BACKEND_FAILURE_50", error.Message, StringComparison.Ordinal);
        Assert.Contains("Not rolled back: CD drive 3 of VM 'vm-00001'", error.Message, StringComparison.Ordinal);

        Task<VmDeployException> AddAsync() => Assert.ThrowsAnyAsync<VmDeployException>(() =>
            server.Session.Cdroms.AddAsync(vm, new CdromMedium(CdromMediumKind.Iso, iso), null, s_quiet, s_none));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_removal_outlasts_an_outage(bool late)
    {
        var line = new BrokenLine();
        await using var server = await SimulatedXenServer.StartAsync(via: options => options with { WrapHandler = line.Wrap });
        for (var call = 1; ; call++)
        {
            var vm = await MakeAsync(server);
            line.BreakAt(call, late, times: 5);
            try
            {
                await server.Session.RemoveVmAsync(vm, force: false, s_none);
            }
            catch (VmDeployException)
            {
                // It could not be found, so nothing has happened yet.
                Assert.True(call <= 2, $"call {call}");
                line.BreakAt(int.MaxValue, times: 0);
                await server.Session.RemoveVmAsync(vm, force: false, s_none);
            }
            var isOver = line.Broken == 0;
            line.BreakAt(int.MaxValue, times: 0);
            server.AssertNothingIsLeft();
            if (isOver)
                break;
        }
    }

    [Theory]
    [InlineData("VDI.get_record")]
    [InlineData("VDI.destroy")]
    public async Task A_removal_that_breaks_half_way_names_the_disks(string method)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = await MakeAsync(server);
        var disk = server["mine"].Drives[0].VdiUuid!;
        // The disks are read once before the VM is removed.
        server.Simulator.Faults.FailCall(method, "INTERNAL_ERROR", ["by order"], skip: method == "VDI.destroy" ? 0 : 4, times: 99);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.RemoveVmAsync(vm, force: false, s_none));
        server.Simulator.Faults.Clear();
        Assert.Equal("DiskNotRemoved", error.Code.Id);
        Assert.StartsWith("VM 'mine' was removed, but not disk '", error.Message, StringComparison.Ordinal);
        Assert.Contains($"disk 'mine disk 0' ({disk})", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Simulator.Vms);
    }

    [Fact]
    public async Task A_VM_that_may_not_be_deleted_keeps_its_disks_and_can_be_removed_later()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = await MakeAsync(server);
        var disks = server["mine"].Drives.Count;
        server.Simulator.Faults.FailCall("VM.destroy", "OPERATION_BLOCKED", ["OpaqueRef:1", "by hand"], skip: 1);
        var error = await Assert.ThrowsAnyAsync<VmDeployException>(() => server.Session.RemoveVmAsync(vm, force: false, s_none));
        Assert.Equal("OperationBlocked", error.Code.Id);
        Assert.Equal(disks, server["mine"].Drives.Count);
        await server.Session.RemoveVmAsync(vm, force: false, s_none);
        server.AssertNothingIsLeft();
    }

    // With a snapshot, whose disks must be removed too.
    private static async Task<Vm> MakeAsync(SimulatedXenServer server)
    {
        var vm = (await server.DeployAsync(server.Session.PlanTemplateAsync(new TemplateRequest("alpine-template") { Names = ["mine"], Hardware = new() { ExtraDiskBytes = [1 << 20] } }, s_none)))[0];
        await XapiVmTests.RawAsync(server, "VM.snapshot", await XapiVmTests.RefAsync(server, "VM", vm.Id), "before", new List<object>());
        return vm;
    }

    private static List<string> Isos(SimulatedXenServer server) => server.Simulator.Inventory()
        .Where(line => line.StartsWith("VDI ", StringComparison.Ordinal) && line.Contains("a.iso", StringComparison.Ordinal)).Select(line => line.Split(' ', 3)[2]).Order().ToList();

    private static async Task<string> PathAsync(SimulatedXenServer server, string iso)
    {
        var vdi = Assert.Single((List<object>)await XapiVmTests.RawAsync(server, "VDI.get_by_name_label", iso));
        return server.Simulator.VdiPath((string)await XapiVmTests.RawAsync(server, "VDI.get_uuid", vdi));
    }

    /// <summary>The first request of a method seems to be lost, but arrives later: after the first look at what it has created.</summary>
    private sealed class LateDelivery(string method)
    {
        private readonly string _method = method;
        private Func<Task>? _deliver;
        private int _isStruck;

        public bool IsDelivered { get; private set; }

        public HttpMessageHandler Wrap(HttpMessageHandler inner) => new Handler(this, inner);

        public async Task DeliverAsync()
        {
            await _deliver!();
            IsDelivered = true;
        }

        private sealed class Handler(LateDelivery late, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
                if (!System.Text.Encoding.UTF8.GetString(body).Contains($"<methodName>{late._method}</methodName>", StringComparison.Ordinal)
                    || Interlocked.Exchange(ref late._isStruck, 1) == 1)
                    return await base.SendAsync(request, cancellationToken);
                var copy = new HttpRequestMessage(HttpMethod.Post, request.RequestUri) { Content = new ByteArrayContent(body) };
                copy.Content.Headers.ContentType = request.Content.Headers.ContentType;
                late._deliver = () => DeliverAsync(copy);
                throw new HttpRequestException("Broken on purpose.", new IOException("Broken on purpose."));
            }

            private async Task DeliverAsync(HttpRequestMessage request)
            {
                using (request)
                    (await base.SendAsync(request, CancellationToken.None)).Dispose();
            }
        }
    }
}

using System.Net;
using System.Xml.Linq;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>What is left on the host, and what is reported, when answers are lost, late or not those of a hypervisor.</summary>
public sealed class RollbackTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempFolder _folder = new();
    private readonly Line _line = new();

    public void Dispose() => _folder.Dispose();

    private Task<SimulatedHost> StartAsync(EsxiSimulatorOptions? options = null) =>
        SimulatedHost.StartAsync(options ?? new EsxiSimulatorOptions { VmCount = 1 }, connect => connect with
        {
            WrapHandler = _line.Wrap,
            Retries = new RetryPolicies(new RetryPolicy(3, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(100)),
                new RetryPolicy(20, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400)))
            {
                BeforeSecondLook = _line.DeliverLateAsync,
            },
        });

    private OvaImportRequest Request(params string[] names) =>
        new(new OvaBuilder().WriteOva(_folder, Guid.NewGuid() + ".ova")) { Names = names };

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task An_import_that_was_started_but_answered_by_a_proxy_leaves_nothing(HttpStatusCode status)
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { LeaseTimeout = TimeSpan.FromSeconds(2) });
        _line.After("ImportVApp", () => new HttpResponseMessage(status) { Content = new StringContent("<html>busy</html>") });
        Assert.Empty(await host.ImportAsync(Request("web1")));
        Assert.Equal("UnexpectedReply", host.Failures["web1"].Code.Id);
        Assert.Equal(host.Before, host.Picture());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_finished_import_is_emitted_even_if_it_can_not_be_read(int failures)
    {
        await using var host = await StartAsync();
        await host.ImportAsync(Request("web1"));
        _line.After("HttpNfcLeaseComplete", () =>
        {
            _line.Before("RetrievePropertiesEx", Broken, failures);
            return null;
        });
        var vm = Assert.Single(await host.ImportAsync(Request("web1") with { ExistingVm = failures == 1 ? ExistingVmAction.Replace : ExistingVmAction.Fail, Names = [failures == 1 ? "web1" : "web2"] }));
        Assert.Equal(failures == 1 ? "web1" : "web2", vm.Name);
        Assert.Empty(host.Failures);
        Assert.DoesNotContain(host.Simulator.Vms, v => v.Name.Contains("(replaced", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lease_whose_completion_was_not_answered_is_not_given_up()
    {
        await using var host = await StartAsync();
        host.Simulator.Faults.DropReply("HttpNfcLeaseComplete");
        Assert.Single(await host.ImportAsync(Request("web1")));
        Assert.Empty(host.Failures);
    }

    [Fact]
    public async Task An_abort_that_is_not_answered_is_tried_again()
    {
        await using var host = await StartAsync();
        host.Simulator.Faults.CutUpload(atByte: 10, times: 10);
        _line.Before("HttpNfcLeaseAbort", Broken, 2);
        Assert.Empty(await host.ImportAsync(Request("web1")));
        Assert.Equal(host.Before, host.Picture());
    }

    [Theory]
    [InlineData("MakeDirectory")]
    [InlineData("CopyVirtualDisk_Task")]
    [InlineData("CreateVM_Task")]
    public async Task A_clone_is_rolled_back_after_an_outage_of_seconds(string method)
    {
        await using var host = await StartAsync();
        var source = (await host.ImportAsync(Request("source"))).Single();
        var before = host.Picture();
        _line.After(method, () =>
        {
            _line.OutageUntil = DateTime.UtcNow.AddSeconds(2);
            return Broken();
        });
        var plan = await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"] }, s_none);
        Assert.Empty(await host.RunAsync(plan));
        Assert.Equal(before, host.Picture());
        Assert.Empty(host.Session.Unfinished.Items);
    }

    [Theory]
    [InlineData("MakeDirectory")]
    [InlineData("CreateVM_Task")]
    public async Task What_a_request_makes_that_arrives_after_we_gave_up_is_removed(string method)
    {
        await using var host = await StartAsync();
        var source = (await host.ImportAsync(Request("source"))).Single();
        var before = host.Picture();
        _line.MakeLate(method);
        var plan = await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"] }, s_none);
        Assert.Empty(await host.RunAsync(plan));
        Assert.True(_line.IsDelivered);
        Assert.Equal(before, host.Picture());
    }

    [Theory]
    [InlineData("DestroyView")]
    [InlineData("DestroyPropertyCollector")]
    public async Task A_view_or_collector_whose_end_is_lost_does_not_stay(string method)
    {
        await using var host = await StartAsync();
        _line.Before(method, Broken, 2);
        var vm = (await host.Session.GetVmsAsync(new VmQuery(), s_none)).Single();
        await host.Session.RenameVmAsync(vm, "other", s_none);
        Assert.Equal(0, _line.OrdersLeft);
        Assert.DoesNotContain(host.Simulator.Host.Sessions.All.SelectMany(session => session.Objects.Keys), id => id.StartsWith("session[", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_can_not_be_rolled_back_is_named()
    {
        await using var host = await StartAsync();
        var source = (await host.ImportAsync(Request("source"))).Single();
        host.Simulator.Faults.FailMethod("CreateVM_Task", "RuntimeFault");
        host.Simulator.Faults.FailTask("DeleteDatastoreFile_Task", "CannotAccessFile", times: 100);
        await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["copy"] }, s_none));
        Assert.Contains("Not rolled back: folder '[datastore1] copy'", host.Failures["copy"].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_is_overwritten_is_the_old_or_the_new_one(bool isCarriedOut)
    {
        await using var host = await StartAsync();
        byte[] old = [1, 2, 3], fresh = [4, 5, 6, 7];
        await SendAsync(old);
        if (isCarriedOut)
            _line.After("MoveDatastoreFile_Task", Broken);
        else
            _line.Before("MoveDatastoreFile_Task", Broken);
        var sending = SendAsync(fresh);
        if (isCarriedOut)
            Assert.True((await sending).WasSent);
        else
            Assert.Equal("ConnectionLost", (await Assert.ThrowsAsync<VmDeployException>(() => sending)).Code.Id);
        var files = Directory.EnumerateFiles(host.Simulator.DataFolder, "file.iso*", SearchOption.AllDirectories).ToList();
        Assert.Equal(isCarriedOut ? fresh : old, await File.ReadAllBytesAsync(Assert.Single(files)));

        Task<DatastoreFile> SendAsync(byte[] content) => host.Session.DatastoreFiles.SendAsync(
            new SendFileRequest(_folder.Write("file.iso", content), null) { Path = "[datastore1] iso/file.iso", Force = true }, new OnProgress(_ => { }), s_none);
    }

    [Fact]
    public async Task A_path_in_brackets_must_not_contradict_the_datastore()
    {
        await using var host = await StartAsync();
        var refused = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.DatastoreFiles.PlanSendAsync(
            new SendFileRequest(_folder.Write("file.iso", [1]), "other") { Path = "[datastore1] iso/file.iso" }, s_none));
        Assert.Equal("DatastorePathInvalid", refused.Code.Id);
    }

    [Fact]
    public async Task A_linked_clone_is_removed_though_the_host_falls_silent_half_way()
    {
        await using var host = await StartAsync();
        var source = (await host.ImportAsync(Request("source"))).Single();
        var before = host.Picture();
        var clone = Assert.Single(await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["linked"], Linked = true }, s_none)));
        _line.After("UnregisterVM", () =>
        {
            _line.OutageUntil = DateTime.UtcNow.AddSeconds(0.1);
            return Broken();
        });
        await host.Session.RemoveVmAsync(clone, force: false, s_none);
        Assert.Equal(before, host.Picture());

        clone = Assert.Single(await host.RunAsync(await host.Session.PlanCloneAsync(new CloneRequest(source) { Names = ["linked"], Linked = true }, s_none)));
        host.Simulator.Faults.FailTask("DeleteDatastoreFile_Task", "CannotAccessFile", times: 100);
        var failure = await Assert.ThrowsAsync<VmDeployException>(() => host.Session.RemoveVmAsync(clone, force: false, s_none));
        Assert.Equal("VmFilesLeft", failure.Code.Id);
        Assert.Contains("file '[datastore1] linked/linked.vmdk'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_VM_on_an_inaccessible_datastore_does_not_disturb_the_others()
    {
        var lost = new VmFiles(Content("<propSet><name>name</name><val>lost</val></propSet>"
            + "<propSet><name>config.files.vmPathName</name><val>[] /vmfs/volumes/5f-12/lost/lost.vmx</val></propSet>"));
        Assert.Equal(["/vmfs/volumes/5f-12/lost"], lost.Folders.Select(f => f.Replace("[] ", "", StringComparison.Ordinal)));
        Assert.Empty(new VmFiles(Content("")).Folders);
        Assert.Equal("DatastoreNotFound", Assert.Throws<VmDeployException>(() => DatastorePath.Parse("[] /vmfs/volumes/5f-12/lost/lost.vmx")).Code.Id);

        static ObjectContent Content(string properties) =>
            new(XElement.Parse($"<o xmlns='urn:vim25'><obj type='VirtualMachine'>vm-1</obj>{properties}</o>"));
    }

    [Fact]
    public async Task WhatIf_names_everything_that_will_be_made()
    {
        await using var host = await StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, Folders = ["prod", "prod/web"], ResourcePools = ["gold", "gold/inner"] });
        var place = Request("web1") with { Datacenter = "ha-datacenter", HostName = "localhost.localdomain", Datastore = "datastore1", Folder = "prod/web", ResourcePool = "gold/inner", PowerOn = true };
        using var package = await OvaPackage.OpenAsync(place.Path, s_none);
        var text = (await host.Session.PlanOvaImportAsync(place, package, s_none)).Describe("web1");
        Assert.StartsWith($"Import {Path.GetFileName(place.Path)} as web1: 1 vCPU, ", text, StringComparison.Ordinal);
        foreach (var part in new[] { "disk", "datastore 'datastore1'", "network '", "folder 'prod/web'", "resource pool 'gold/inner'", "power on" })
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    private static HttpResponseMessage Broken() => throw new HttpRequestException("Broken on purpose.", new IOException("Broken on purpose."));

    /// <summary>A connection that fails at chosen SOAP methods.</summary>
    private sealed class Line
    {
        private readonly object _gate = new();
        private (string Method, Func<HttpResponseMessage?> Answer, int Times)? _before;
        private (string Method, Func<HttpResponseMessage?> Answer)? _after;
        private string? _late;
        private Func<Task>? _deliver;

        public DateTime OutageUntil { get; set; }

        /// <summary>The late request has reached the host.</summary>
        public bool IsDelivered { get; private set; }

        public int OrdersLeft => _before?.Times ?? 0;

        /// <summary>Answers the next calls instead of the host.</summary>
        public void Before(string method, Func<HttpResponseMessage?> answer, int times = 1) => _before = (method, answer, times);

        /// <summary>Answers the next call after the host has carried it out; null lets the host's answer through.</summary>
        public void After(string method, Func<HttpResponseMessage?> answer) => _after = (method, answer);

        /// <summary>The next call fails, and reaches the host only with <see cref="DeliverLateAsync"/>.</summary>
        public void MakeLate(string method) => _late = method;

        public async Task DeliverLateAsync()
        {
            if (Interlocked.Exchange(ref _deliver, null) is not { } deliver)
                return;
            await deliver();
            IsDelivered = true;
        }

        public HttpMessageHandler Wrap(HttpMessageHandler inner) => new Handler(this, inner);

        private Func<HttpResponseMessage?>? TakeBefore(string body)
        {
            lock (_gate)
            {
                if (_before is not { } order || !body.Contains($"<{order.Method} ", StringComparison.Ordinal) && !body.Contains($"<{order.Method}>", StringComparison.Ordinal))
                    return null;
                _before = order.Times > 1 ? order with { Times = order.Times - 1 } : null;
                return order.Answer;
            }
        }

        private static bool Calls(string body, string method) =>
            body.Contains($"<{method} ", StringComparison.Ordinal) || body.Contains($"<{method}>", StringComparison.Ordinal);

        private sealed class Handler(Line line, HttpMessageHandler inner) : DelegatingHandler(inner)
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (DateTime.UtcNow < line.OutageUntil)
                    Broken();
                var body = request.Method == HttpMethod.Post ? await request.Content!.ReadAsStringAsync(cancellationToken) : "";
                if (line.TakeBefore(body)?.Invoke() is { } instead)
                    return instead;
                if (line._late is { } late && Calls(body, late))
                {
                    line._late = null;
                    var copy = new HttpRequestMessage(request.Method, request.RequestUri) { Content = new StringContent(body, System.Text.Encoding.UTF8, "text/xml") };
                    foreach (var header in request.Headers)
                        copy.Headers.TryAddWithoutValidation(header.Key, header.Value);
                    line._deliver = () => DeliverAsync(copy);
                    Broken();
                }
                var answer = await base.SendAsync(request, cancellationToken);
                if (line._after is not { } after || !Calls(body, after.Method))
                    return answer;
                line._after = null;
                return after.Answer() ?? answer;
            }

            private async Task DeliverAsync(HttpRequestMessage request)
            {
                (await base.SendAsync(request, CancellationToken.None)).Dispose();
            }
        }
    }
}

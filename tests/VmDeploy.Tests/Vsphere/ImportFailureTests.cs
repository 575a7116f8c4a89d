using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Imports that can't succeed: each has its own error, and nothing is left on the host.</summary>
public sealed class ImportFailureTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private OvaImportRequest Request(OvaBuilder builder, params string[] names) =>
        new(builder.WriteOva(_folder, Guid.NewGuid() + ".ova")) { Names = names.Length > 0 ? names : ["bad1"] };

    private static OvaBuilder Big => new() { Disks = [new("disk1.vmdk", StreamVmdk.FromRaw(Noise(8 << 20)), 8 << 20)] };

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(42).NextBytes(bytes);
        return bytes;
    }

    private static async Task<VmDeployException> FailsAsync(SimulatedHost host, OvaImportRequest request)
    {
        VmDeployException failure;
        try
        {
            Assert.Empty(await host.ImportAsync(request));
            failure = Assert.Single(host.Failures).Value;
        }
        catch (VmDeployException e)
        {
            failure = e;
        }
        Assert.Equal(host.Before, host.Picture());
        return failure;
    }

    public static TheoryData<string, string> BadPackages => new()
    {
        { "not a tar", "OvaNotATar" },
        { "no descriptor", "OvaNoDescriptor" },
        { "a DTD", "OvfHasDtd" },
        { "a missing file", "OvaFileMissing" },
        { "a wrong digest of the disk", "OvaDigestMismatch" },
        { "a wrong digest of the descriptor", "OvaDigestMismatch" },
        { "a disk that is not stream-optimized", "VmdkNotStreamOptimized" },
        { "no such file", "OvaNotFound" },
    };

    [Theory]
    [MemberData(nameof(BadPackages))]
    public async Task A_bad_package_has_an_error_of_its_own(string what, string id)
    {
        await using var host = await SimulatedHost.StartAsync();
        var request = what switch
        {
            "not a tar" => new(_folder.Write("x.ova", Noise(4096))) { Names = ["bad1"] },
            "no such file" => new(Path.Combine(Path.GetTempPath(), "no such.ova")) { Names = ["bad1"] },
            "no descriptor" => Request(new OvaBuilder { Omit = "test-vm.ovf" }),
            "a DTD" => Request(new OvaBuilder { EditDescriptor = xml => xml.Replace("<Envelope", "<!DOCTYPE x [<!ENTITY a 'b'>]><Envelope") }),
            "a missing file" => Request(new OvaBuilder { Omit = "disk1.vmdk" }),
            "a wrong digest of the disk" => Request(new OvaBuilder { WrongDigest = "disk1.vmdk" }),
            "a wrong digest of the descriptor" => Request(new OvaBuilder { WrongDigest = "test-vm.ovf" }),
            _ => Request(new OvaBuilder { Disks = [new("disk1.vmdk", Noise(4096))] }),
        };
        var failure = await FailsAsync(host, request);
        Assert.Equal(id, failure.Code.Id);
    }

    [Fact]
    public async Task A_package_cut_at_any_byte_leaves_nothing_on_the_host()
    {
        await using var host = await SimulatedHost.StartAsync();
        var whole = new OvaBuilder { ManifestLast = true }.ToOva();
        var random = new Random(7);
        // What follows the last file's last byte is padding; a cut there loses nothing.
        var content = Array.FindLastIndex(whole, b => b != 0) + 1;
        for (var i = 0; i < 200; i++)
        {
            var path = _folder.Write($"cut{i}.ova", whole.AsSpan(0, random.Next(content)).ToArray());
            var failure = await FailsAsync(host, new OvaImportRequest(path) { Names = ["cut1"] });
            Assert.StartsWith("Ov", failure.Code.Id);
            Assert.Contains($"cut{i}.ova", failure.Message);
        }
    }

    [Fact]
    public async Task A_datastore_that_fills_up_is_named_as_the_reason()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.FillDatastore(atByte: 1 << 20);
        Assert.Equal("DatastoreFull", (await FailsAsync(host, Request(Big))).Code.Id);
    }

    [Fact]
    public async Task A_lease_in_error_is_reported_with_the_hosts_reason()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.FailLease(atByte: 1 << 20);
        var failure = await FailsAsync(host, Request(Big));
        Assert.NotEqual("ConnectionLost", failure.Code.Id);
    }

    [Fact]
    public async Task A_broken_upload_is_sent_again()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.CutUpload(atByte: 3 << 20, times: 2);
        var vms = await host.ImportAsync(Request(Big, "retried1"));
        Assert.Empty(host.Failures);
        Assert.Equal("retried1", Assert.Single(vms).Name);
    }

    [Fact]
    public async Task An_upload_that_breaks_every_time_fails_and_leaves_nothing()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.CutUpload(atByte: 3 << 20, times: 10);
        Assert.Equal("ConnectionLost", (await FailsAsync(host, Request(Big))).Code.Id);
    }

    [Fact]
    public async Task Each_call_that_fails_leaves_nothing_behind()
    {
        foreach (var method in new[] { "CreateImportSpec", "ImportVApp", "HttpNfcLeaseComplete", "CreatePropertyCollector", "CreateFilter", "CreateContainerView" })
        {
            await using var host = await SimulatedHost.StartAsync();
            host.Simulator.Faults.FailMethod(method, "RuntimeFault", "ordered by the test");
            var failure = await FailsAsync(host, Request(new OvaBuilder()));
            Assert.Contains("ordered by the test", failure.Message);
        }
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task An_import_whose_lease_was_never_told_leaves_nothing(EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode, LeaseTimeout = TimeSpan.FromSeconds(2) });
        host.Simulator.Faults.DropReply("ImportVApp");
        var request = Request(new OvaBuilder()) with { Datacenter = "ha-datacenter", HostName = "localhost.localdomain" };
        Assert.Equal("ConnectionLost", (await FailsAsync(host, request)).Code.Id);
    }

    [Fact]
    public async Task A_lease_that_timed_out_is_called_so()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.FailTask("ImportVApp", "Timedout");
        Assert.Equal("LeaseExpired", (await FailsAsync(host, Request(new OvaBuilder()))).Code.Id);
    }

    [Fact]
    public async Task A_lease_is_kept_alive_while_a_slow_upload_goes_on()
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { LeaseTimeout = TimeSpan.FromSeconds(1) });
        host.Simulator.Faults.BytesPerSecond = 3 << 20;
        Assert.Single(await host.ImportAsync(Request(Big, "slow1")));
        Assert.Empty(host.Failures);
    }

    [Fact]
    public async Task A_cancelled_import_aborts_the_lease_before_it_returns()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.BytesPerSecond = 1 << 20;
        using var cancel = new CancellationTokenSource();
        var progress = new OnProgress(p =>
        {
            if (p.BytesDone > 0)
                cancel.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => host.ImportAsync(Request(Big, "stopped1", "stopped2"), progress, cancel.Token));
        Assert.Equal(host.Before, host.Picture());
    }

    [Fact]
    public async Task A_session_that_the_host_ends_is_renewed_in_the_middle_of_an_import()
    {
        for (var call = 1; call <= 25; call++)
        {
            await using var host = await SimulatedHost.StartAsync();
            host.Simulator.Faults.ExpireSessionAtCall(call);
            Assert.Single(await host.ImportAsync(Request(new OvaBuilder(), "renewed1")));
            Assert.Empty(host.Failures);
        }
    }

    [Fact]
    public async Task One_bad_instance_does_not_stop_the_others()
    {
        await using var host = await SimulatedHost.StartAsync();
        host.Simulator.Faults.FailMethod("ImportVApp", "RuntimeFault", "ordered by the test");
        var vms = await host.ImportAsync(Request(new OvaBuilder(), "one1", "one2", "one3"));
        Assert.Equal(2, vms.Count);
        Assert.Single(host.Failures);
    }

    [Fact]
    public async Task A_free_licence_and_a_managing_vCenter_are_told_apart()
    {
        await using (var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { FreeLicense = true }))
            Assert.Equal("LicenceRestricted", (await FailsAsync(host, Request(new OvaBuilder()))).Code.Id);
        await using (var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { ManagedBy = "192.0.2.7" }))
            Assert.Equal("HostManagedByVCenter", (await FailsAsync(host, Request(new OvaBuilder()))).Code.Id);
    }

    [Fact]
    public async Task Only_the_first_of_several_instances_is_sent()
    {
        await using var host = await SimulatedHost.StartAsync();
        var request = Request(Big, "many1", "many2", "many3", "many4");
        var one = new FileInfo(request.Path).Length;
        Assert.Equal(4, (await host.ImportAsync(request)).Count);
        Assert.InRange(host.Simulator.BytesUploaded, one * 0.98, one * 1.01);
        await host.ImportAsync(request with { Names = ["each1", "each2"], UploadEach = true });
        Assert.InRange(host.Simulator.BytesUploaded, one * 2.9, one * 3.03);
    }

    [Fact]
    public async Task An_import_that_is_run_twice_reuses_or_replaces_on_request()
    {
        await using var host = await SimulatedHost.StartAsync();
        var request = Request(new OvaBuilder(), "twice1", "twice2");
        var first = await host.ImportAsync(request);
        Assert.Equal("VmNameExists", (await Assert.ThrowsAsync<VmDeployException>(() => host.ImportAsync(request))).Code.Id);
        var reused = await host.ImportAsync(request with { ExistingVm = ExistingVmAction.Reuse });
        Assert.Equal(first.Select(v => v.Id).Order(), reused.Select(v => v.Id).Order());
        var replaced = await host.ImportAsync(request with { ExistingVm = ExistingVmAction.Replace });
        Assert.Empty(first.Select(v => v.Id).Intersect(replaced.Select(v => v.Id)));
        Assert.Equal(["twice1", "twice2"], host.Simulator.Vms.Select(v => v.Name).Where(n => n.StartsWith("twice", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_replacement_that_fails_leaves_the_VM_that_is_there_as_it_was()
    {
        await using var host = await SimulatedHost.StartAsync();
        var request = Request(new OvaBuilder(), "keep") with { PowerOn = true };
        var old = Assert.Single(await host.ImportAsync(request));
        var before = host.Picture();
        host.Simulator.Faults.FailLease(times: 100);
        Assert.Empty(await host.ImportAsync(request with { ExistingVm = ExistingVmAction.Replace }));
        Assert.Equal("HostFault", host.Failures["keep"].Code.Id);
        Assert.Equal(before, host.Picture());
        Assert.Equal(old.Id, Assert.Single(host.Simulator.Vms, v => v.Name == "keep").Id);

        host.Simulator.Faults.Clear();
        host.Simulator.Faults.FailTask("Destroy_Task", "ResourceInUse");
        Assert.Single(await host.ImportAsync(request with { ExistingVm = ExistingVmAction.Replace }));
        Assert.Contains("was created, but the VM that it replaces, now named", host.Failures["keep"].Message, StringComparison.Ordinal);
        Assert.Equal(2, host.Simulator.Vms.Count(v => v.Name.StartsWith("keep", StringComparison.Ordinal)));
    }
}

using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Xapi;

public sealed class XapiOvaTests : IDisposable
{
    private const int Grain = 65536;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Two_real_disks_arrive_byte_for_byte_and_boot()
    {
        // The first disk is tinyVM's, with its boot sector and more data; only qemu-img can read the second.
        File.WriteAllBytes(_folder["tiny.raw"], new byte[512]);
        await ExtractTinyDiskAsync(_folder["tiny.raw"]);
        var first = File.ReadAllBytes(_folder["tiny.raw"]).Concat(DiskImages.Mixed(24 << 20, 1)).ToArray();
        var second = DiskImages.Mixed((33 << 20) + 512, 2);
        var disks = new List<OvaBuilderDisk>();
        foreach (var (name, raw) in new[] { ("disk1", first), ("disk2", second) })
        {
            File.WriteAllBytes(_folder[$"{name}.raw"], raw);
            var vmdk = await DiskImages.ToStreamOptimizedAsync(_folder[$"{name}.raw"], _folder[$"{name}.vmdk"]);
            await DiskImages.ToRawAsync(vmdk, _folder[$"{name}.expected"]);
            // The OVF's capacity is wrong; the VMDK's header counts.
            disks.Add(new OvaBuilderDisk($"{name}.vmdk", File.ReadAllBytes(vmdk), 1 << 20));
        }
        var ova = new OvaBuilder { Name = "two", Disks = disks, CpuCount = 2, MemoryMB = 96, Networks = ["VM Network", SimulatedXenServer.Network] }.WriteOva(_folder);

        await using var server = await SimulatedXenServer.StartAsync();
        var progress = new List<OperationProgress>();
        var vm = Assert.Single(await server.ImportAsync(new OvaImportRequest(ova) { Names = ["two1"] }, new OnReport(progress.Add)));

        Assert.Empty(server.Failures);
        var made = server["two1"];
        Assert.Equal(["0", "1"], made.Drives.Select(d => d.Device));
        Assert.Equal([true, false], made.Drives.Select(d => d.IsBootable));
        SimulatedXenServer.AssertHolds(made.Drives[0].LocalPath!, File.ReadAllBytes(_folder["disk1.expected"]));
        SimulatedXenServer.AssertHolds(made.Drives[1].LocalPath!, File.ReadAllBytes(_folder["disk2.expected"]));
        Assert.Equal((2, 2), made.Cpus);
        Assert.All(made.Memory, bytes => Assert.Equal(96L << 20, bytes));
        Assert.Equal(2, made.Vifs.Count);
        Assert.Equal("Off", vm.PowerState);
        Assert.Contains(progress, p => p.Id == 1 && p.BytesTotal == disks.Sum(d => (long)d.Content.Length) && p.BytesDone == p.BytesTotal);
        Assert.Contains(progress, p => p.Id == 0 && p.IsCompleted);

        await server.Session.Power.StartAsync(vm, CancellationToken.None);
        await Qemu.AssertBootsAsync(made.Drives[0].LocalPath!, "raw");
        await server.Session.RemoveVmAsync(vm, force: true, CancellationToken.None);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task Empty_blocks_are_not_sent()
    {
        var raw = new byte[256 * Grain];
        raw[100 * Grain] = 1;
        raw[200 * Grain] = 1;
        await using var server = await SimulatedXenServer.StartAsync();
        await server.ImportAsync(new OvaImportRequest(Package(raw)) { Names = ["sparse"] });
        Assert.Empty(server.Failures);
        SimulatedXenServer.AssertHolds(server["sparse"].Drives[0].LocalPath!, raw);
        Assert.Equal((2 * (12 + Grain)) + 12, server.Simulator.BytesUploaded);
    }

    [Fact]
    public async Task Many_instances_send_the_disks_once()
    {
        var raw = DiskImages.Mixed(4 << 20, 5);
        var ova = Package(raw);
        await using var server = await SimulatedXenServer.StartAsync();
        var names = VmNames.Numbered("tiny", 5);
        var vms = await server.ImportAsync(new OvaImportRequest(ova) { Names = names, PowerOn = true, ThrottleLimit = 3 });
        Assert.Empty(server.Failures);
        Assert.Equal(names, vms.Select(v => v.Name).Order());
        var sent = server.Simulator.BytesUploaded;
        Assert.InRange(sent, 1, raw.Length + (100 * 12));
        Assert.All(names, name => SimulatedXenServer.AssertHolds(server[name].Drives[0].LocalPath!, raw));
        Assert.Equal(5, server.Simulator.Vms.Select(v => v.Drives[0].VdiUuid).Distinct().Count());
        Assert.Equal(5, server.Simulator.Vms.Select(v => v.Vifs[0].MacAddress).Distinct().Count());
        Assert.All(names, name => Assert.Equal($"{name} disk 0", server[name].Drives[0].VdiName));
        Assert.All(server.Simulator.Vms, v => Assert.Equal("Running", v.PowerState));

        await server.ImportAsync(new OvaImportRequest(ova) { Names = ["u1", "u2"], UploadEach = true });
        Assert.Equal(3 * sent, server.Simulator.BytesUploaded);
    }

    [Fact]
    public async Task What_the_OVF_says_of_the_machine_is_respected()
    {
        var ova = new OvaBuilder
        {
            Name = "efi",
            ProductSections = """<ProductSection><Info>i</Info><Property ovf:key="color" ovf:type="string" ovf:userConfigurable="true" ovf:value="red"/></ProductSection>""",
            HardwareExtras = """<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="efi"/><vmw:Config ovf:required="false" vmw:key="bootOptions.efiSecureBootEnabled" vmw:value="true"/>"""
                + OvaBuilder.Item(90, 15, "CD/DVD drive", addressOnParent: 7, hostResource: "ovf:/file/other1", parent: 3),
            OtherFiles = [("tools.iso", DiskImages.Mixed(1 << 20, 9))],
        }.WriteOva(_folder);
        await using var server = await SimulatedXenServer.StartAsync();
        var vm = Assert.Single(await server.ImportAsync(new OvaImportRequest(ova)
        {
            Names = ["efi1"],
            Annotation = "by hand",
            Properties = new Dictionary<string, string> { ["color"] = "blue" },
            Datastore = "NFS virtual disk storage",
            Hardware = new() { NetworkMap = new Dictionary<string, string> { ["*"] = "Pool-wide network associated with eth1" } },
        }));

        var made = server["efi1"];
        Assert.Equal("uefi", made.BootParams["firmware"]);
        Assert.Equal("qemu-upstream-uefi", made.Platform["device-model"]);
        Assert.Equal("true", made.Platform["secureboot"]);
        Assert.Equal("blue", made.XenstoreData["vm-data/ovf/color"]);
        Assert.Equal("by hand", made.Description);
        Assert.Equal("Pool-wide network associated with eth1", Assert.Single(made.Vifs).Network);
        Assert.All(made.Drives, d => Assert.Equal("NFS virtual disk storage", d.SrName));
        var cd = Assert.Single(made.Drives, d => d.Type == "CD");
        Assert.Equal("3", cd.Device);
        SimulatedXenServer.AssertHolds(cd.LocalPath!, DiskImages.Mixed(1 << 20, 9));

        await server.Session.RemoveVmAsync(vm, force: false, CancellationToken.None);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_broken_upload_is_repeated()
    {
        var raw = DiskImages.Mixed(2 << 20, 6);
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.CutUpload(300_000);
        server.Simulator.Faults.CutUpload(0);
        await server.ImportAsync(new OvaImportRequest(Package(raw)) { Names = ["cut"] });
        Assert.Empty(server.Failures);
        Assert.Equal(3, server.Simulator.Calls.Count(c => c.Method == "PUT import_raw_vdi"));
        SimulatedXenServer.AssertHolds(server["cut"].Drives[0].LocalPath!, raw);
    }

    [Fact]
    public async Task A_session_that_ends_before_the_upload_is_renewed()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        // PUT itself is the call that finds the session ended: all calls before it are counted here.
        using (var package = await VmDeploy.Ova.OvaPackage.OpenAsync(Package(DiskImages.Mixed(1 << 20, 1)), CancellationToken.None))
        {
            var plan = await server.Session.PlanOvaImportAsync(new OvaImportRequest(package.Path) { Names = ["a"] }, package, CancellationToken.None);
            var before = server.Simulator.Calls.Count;
            await server.RunAsync(plan);
            var calls = server.Simulator.Calls.Skip(before).Select(c => c.Method).ToList();
            plan = await server.Session.PlanOvaImportAsync(new OvaImportRequest(package.Path) { Names = ["b"] }, package, CancellationToken.None);
            server.Simulator.Faults.ExpireSessionAtCall(calls.IndexOf("PUT import_raw_vdi") + 1);
            await server.RunAsync(plan);
            Assert.Empty(server.Failures);
        }
        Assert.Equal(2, server.Simulator.Vms.Count);
        Assert.Equal(2, server.Simulator.Calls.Count(c => c.Method == "session.login_with_password"));
    }

    [Theory]
    [InlineData("VDI_IO_ERROR", "StorageFailed")]
    [InlineData("SR_BACKEND_FAILURE_44", "DatastoreFull")]
    public async Task The_task_decides_and_its_reason_is_told(string failure, string id)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.FailUpload(500_000, failure);
        await server.ImportAsync(new OvaImportRequest(Package(DiskImages.Mixed(8 << 20, 7))) { Names = ["full"] });
        var error = server.Failures["full"];
        Assert.Equal(id, error.Code.Id);
        Assert.Contains(failure, error.Message, StringComparison.Ordinal);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_host_that_takes_no_more_data_is_given_up()
    {
        await using var server = await SimulatedXenServer.StartAsync(timeout: TimeSpan.FromSeconds(2));
        for (var i = 0; i < 3; i++)
            server.Simulator.Faults.StallUpload(100_000);
        await server.ImportAsync(new OvaImportRequest(Package(Noise(16 << 20))) { Names = ["stall"] });
        Assert.Equal("HostTimeout", server.Failures["stall"].Code.Id);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task An_upload_goes_where_the_host_sends_it()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.RedirectUpload($"127.0.0.1:{server.Simulator.HttpsPort}");
        var raw = DiskImages.Mixed(1 << 20, 8);
        await server.ImportAsync(new OvaImportRequest(Package(raw)) { Names = ["there"] });
        Assert.Empty(server.Failures);
        SimulatedXenServer.AssertHolds(server["there"].Drives[0].LocalPath!, raw);

        server.Simulator.Faults.RedirectUpload("127.0.0.1:1");
        await server.ImportAsync(new OvaImportRequest(Package(raw)) { Names = ["nowhere"] });
        Assert.Equal("HostUnreachable", server.Failures["nowhere"].Code.Id);
        Assert.Single(server.Simulator.Vms);
    }

    [Fact]
    public async Task A_package_that_is_not_what_its_manifest_says_leaves_nothing()
    {
        var disk = new OvaBuilderDisk("disk1.vmdk", StreamVmdk.FromRaw(DiskImages.Mixed(1 << 20, 4)));
        await using var server = await SimulatedXenServer.StartAsync();
        await server.ImportAsync(new OvaImportRequest(new OvaBuilder { Disks = [disk], WrongDigest = "disk1.vmdk" }.WriteOva(_folder)) { Names = ["bad"] });
        Assert.Equal("OvaDigestMismatch", server.Failures["bad"].Code.Id);
        server.AssertNothingIsLeft();

        var damaged = (byte[])disk.Content.Clone();
        damaged[damaged.Length / 2] ^= 1;
        await server.ImportAsync(new OvaImportRequest(new OvaBuilder { Disks = [disk with { Content = damaged }], Manifest = null }.WriteOva(_folder)) { Names = ["bad"] });
        Assert.Equal("VmdkDamaged", server.Failures["bad"].Code.Id);
        server.AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_file_that_the_manifest_omits_is_told()
    {
        var log = new XapiConnectTests.Collector();
        await using var server = await SimulatedXenServer.StartAsync(log: log);
        await server.ImportAsync(new OvaImportRequest(new OvaBuilder { Unlisted = "disk1.vmdk" }.WriteOva(_folder)) { Names = ["a"] });
        Assert.Empty(server.Failures);
        Assert.Contains("a: the manifest does not list 'disk1.vmdk', so its content could not be verified", log.Lines);
    }

    [Fact]
    public async Task A_cancelled_import_leaves_nothing()
    {
        var ova = Package(Noise(32 << 20));
        await using var server = await SimulatedXenServer.StartAsync();
        foreach (var atPercent in new[] { 0, 20, 60 })
        {
            server.Simulator.Faults.BytesPerSecond = 40 << 20;
            using var cancel = new CancellationTokenSource();
            var progress = new OnReport(p =>
            {
                if (p.Id == 1 && p.BytesTotal is { } total && p.BytesDone * 100 / total > atPercent)
                    cancel.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.ImportAsync(new OvaImportRequest(ova) { Names = ["c1", "c2"] }, progress, cancel.Token));
            server.AssertNothingIsLeft();
            Assert.Empty(server.Failures);
        }
    }

    [Fact]
    public async Task A_failed_first_instance_does_not_take_the_others_along()
    {
        await using var server = await SimulatedXenServer.StartAsync();
        server.Simulator.Faults.FailUpload(1000);
        var vms = await server.ImportAsync(new OvaImportRequest(Package(DiskImages.Mixed(1 << 20, 3))) { Names = ["f1", "f2", "f3"], ThrottleLimit = 1 });
        Assert.Equal(["f2", "f3"], vms.Select(v => v.Name).Order());
        Assert.Equal(["f1"], server.Failures.Keys);
        Assert.Equal(2, server.Simulator.Vms.Count);
        foreach (var vm in vms)
            await server.Session.RemoveVmAsync(vm, force: true, CancellationToken.None);
        server.AssertNothingIsLeft();
    }

    private static byte[] Noise(int size)
    {
        var noise = new byte[size];
        new Random(1).NextBytes(noise);
        return noise;
    }

    private string Package(byte[] raw) => new OvaBuilder { Disks = [new OvaBuilderDisk("disk1.vmdk", StreamVmdk.FromRaw(raw), raw.Length)] }.WriteOva(_folder);

    private static async Task ExtractTinyDiskAsync(string target)
    {
        using var package = await VmDeploy.Ova.OvaPackage.OpenAsync(Repository.Path("examples/tinyVM.ova"), CancellationToken.None);
        var vmdk = Path.ChangeExtension(target, ".vmdk");
        using (var source = package.OpenFile(package.Files[0]))
        using (var file = File.Create(vmdk))
            await source.CopyToAsync(file);
        await DiskImages.ToRawAsync(vmdk, target);
    }

    private sealed class OnReport(Action<OperationProgress> report) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value)
        {
            lock (report)
                report(value);
        }
    }
}

using System.IO.Compression;
using System.Management.Automation;
using System.Text;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>One JSON file with hardware on all hypervisors, and the values that the parameters accept.</summary>
public sealed class RequestedHardwareTests
{
    private const long Mebibyte = 1 << 20;

    [SkippableTheory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task One_file_gives_three_VMs_with_the_same_hardware_on_vSphere(EsxiMode mode)
    {
        Requires.Tool("qemu-img");
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using var engine = Start();
        await engine.ConnectAsync(simulator);

        await engine.MustRunAsync("Import-VmOva tinyVM.ova -Name plain -Datacenter ha-datacenter -Datastore datastore1; $job | ConvertFrom-Json | Import-VmOva");

        using var folder = new TempFolder();
        var original = await RawAsync(Named("plain").Disks[0].LocalPath, folder["plain.raw"]);
        for (var i = 1; i <= 3; i++)
        {
            var vm = Named($"lab{i}");
            Assert.Equal((2, 1024L, "poweredOff"), (vm.CpuCount, vm.MemoryMB, vm.PowerState));
            Assert.Equal([64 * Mebibyte, 32 * Mebibyte], vm.Disks.Select(disk => disk.CapacityBytes));
            Assert.Equal(($"00:50:56:01:00:0{i}", "VM Network"), (Assert.Single(vm.Nics).MacAddress, vm.Nics[0].Network));
            Assert.Equal(64 * Mebibyte, (await RawAsync(vm.Disks[0].LocalPath, folder["grown.raw"])).Length);
            SimulatedXenServer.AssertHolds(folder["grown.raw"], original);
            Assert.Equal("gzip+base64", vm.ExtraConfig["guestinfo.userdata.encoding"]);
            using var userData = new StreamReader(new GZipStream(new MemoryStream(Convert.FromBase64String(vm.ExtraConfig["guestinfo.userdata"])), CompressionMode.Decompress));
            Assert.Contains($"lab{i}.example.com", await userData.ReadToEndAsync());
            Assert.Equal(-1, (await RawAsync(vm.Disks[1].LocalPath, folder["data.raw"])).AsSpan().IndexOfAnyExcept((byte)0));
        }

        SimulatedVm Named(string name) => Assert.Single(simulator.Vms, vm => vm.Name == name);
    }

    [Fact]
    public async Task The_same_file_gives_them_on_XenServer()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);

        await engine.MustRunAsync("Import-VmOva tinyVM.ova -Name plain -Datastore 'Local storage'; $job | ConvertFrom-Json | Import-VmOva -Datastore 'Local storage'");

        var original = File.ReadAllBytes(Disks("plain")[0].LocalPath!);
        for (var i = 1; i <= 3; i++)
        {
            var vm = Assert.Single(simulator.Vms, vm => vm.Name == $"lab{i}");
            Assert.Equal(((2L, 2L), 1024 * Mebibyte, "Halted"), (vm.Cpus, vm.Memory[^1], vm.PowerState));
            Assert.Equal([64 * Mebibyte, 32 * Mebibyte], Disks(vm.Name).Take(2).Select(disk => disk.VirtualSize));
            Assert.Contains($"lab{i}.example.com", Encoding.UTF8.GetString(File.ReadAllBytes(Assert.Single(Disks(vm.Name).Skip(2)).LocalPath!)));
            Assert.Equal($"00:50:56:01:00:0{i}", Assert.Single(vm.Vifs).MacAddress);
            SimulatedXenServer.AssertHolds(Disks(vm.Name)[0].LocalPath!, original);
        }

        List<SimulatedVbd> Disks(string name) => Assert.Single(simulator.Vms, vm => vm.Name == name).Drives.Where(drive => drive.Type == "Disk").ToList();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_file_of_a_VM_serves_for_its_clone_too(bool xapi)
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        using var engine = Start();
        if (xapi)
            await engine.ConnectAsync(xen);
        else
            await engine.ConnectAsync(esxi);

        // Neither the rounded size of the disk nor the network that the source is on already is a contradiction.
        var vms = (await engine.MustRunAsync($$"""
            $net = (Get-VmNetwork | Where-Object Name -NE 'VM Network' | Select-Object -First 1).Name
            $record = [pscustomobject]@{ disk_gb = 0.1; network = @{ 'VM Network' = $net } }
            $source = $record | Import-VmOva tinyVM.ova -Name one -Datastore '{{(xapi ? "Local storage" : "datastore1")}}'
            $source
            $record | New-VmClone $source -Name two
            """)).All<Vm>();

        Assert.Equal(vms[0].Disks[0].CapacityBytes, vms[1].Disks[0].CapacityBytes);
        Assert.Equal(vms[0].NetworkAdapters[0].NetworkName, vms[1].NetworkAdapters[0].NetworkName);
    }

    [Fact]
    public async Task WhatIf_shows_the_hardware_of_each_VM()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);

        await engine.MustRunAsync("$job | ConvertFrom-Json | Import-VmOva -Datastore datastore1 -NicModel Vmxnet3 -GuestId ubuntu64Guest -Firmware Efi -ExtraConfig @{ a = 'b' } -WhatIf");

        Assert.Empty(simulator.Vms);
        var shown = string.Join("\n", engine.Host.Lines);
        for (var i = 1; i <= 3; i++)
            Assert.Contains($"as lab{i}: 2 vCPU, 1 GB, disks 64 MB + 32 MB,", shown);
        Assert.Contains("Vmxnet3 adapters, MAC 00:50:56:01:00:02, guest id 'ubuntu64Guest', EFI firmware, extra configuration 'a'", shown);
    }

    [Fact]
    public async Task WhatIf_shows_everything_that_was_asked_for()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, Folders = ["prod/web"], ResourcePools = ["gold"] });
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        await engine.MustRunAsync("Import-VmOva tinyVM.ova -Name model -Datacenter ha-datacenter -Datastore datastore1; Import-VmOva tinyVM.ova -Name golden -Datacenter ha-datacenter -Datastore datastore1 | ConvertTo-VmTemplate");
        const string common = "-Folder web -ResourcePool gold -Annotation 'for tests' -CpuCount 2 -MemoryMB 2048 -ExtraDiskGB 1 -Network Lab -NicModel Vmxnet3 -MacAddress 00:50:56:01:00:01 "
            + "-GuestId ubuntu64Guest -ExtraConfig @{ role = 'x' } -UserData '#!/bin/sh' -CloudInitVia Drive -PowerOn -WhatIf";
        string[] expected = ["2 vCPU", "2 GB", "1 GB", "datastore 'datastore1'", "datacenter 'ha-datacenter'", "'Lab'", "folder 'prod/web'", "resource pool 'gold'", "Vmxnet3 adapters",
            "MAC 00:50:56:01:00:01", "guest id 'ubuntu64Guest'", "extra configuration 'role'", "cloud-init user-data on a CD-ROM drive", "annotation", ", power on"];

        await ShowsAsync("Import-VmOva tinyVM.ova -Name new -Datastore datastore1 -DiskProvisioning Thick", "Thick provisioning");
        await ShowsAsync("New-VmClone model -Name new");
        await ShowsAsync("New-VmFromTemplate golden -Name new");
        await ShowsAsync("New-VmFromIso tiny.iso -Name new -Datastore datastore1 -IsoDatastore datastore2 -HostName localhost.localdomain -Firmware Efi -SecureBoot -DiskController Nvme -DiskProvisioning Thin",
            "ISO [datastore2] iso/tiny.iso (uploaded from ", "EFI firmware with secure boot", "Nvme controller", "Thin provisioning", "host 'localhost.localdomain'");
        Assert.Equal(2, simulator.Vms.Count);

        async Task ShowsAsync(string command, params string[] more)
        {
            var shown = (await engine.MustRunAsync($"{command} {common}")).HostText;
            Assert.All([.. expected, .. more], words => Assert.Contains(words, shown, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("-DiskGB 1", "1024")]
    [InlineData("-DiskGB 1, 2 -ExtraDiskGB 3", "1024,2048,3072")]
    [InlineData("-DiskGB @{ 2 = 1; 1 = 0.5 }", "512,1024")]
    [InlineData("-DiskGB ([pscustomobject]@{ '1' = 2 })", "2048")]
    [InlineData("-DiskGB '1.5'", "1536")]
    [InlineData("-DiskGB @()", "")]
    [InlineData("", "16384")]
    public async Task Disk_sizes_are_a_number_a_list_or_a_map(string disks, string sizes)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        await engine.MustRunAsync($"New-VmFromIso tiny.iso -Name one -Datastore datastore1 {disks}");
        Assert.Equal(sizes, string.Join(",", simulator.Vms[0].Disks.Select(disk => disk.CapacityBytes / Mebibyte)));
    }

    [Theory]
    [InlineData("-DiskGB @{ 0 = 1 }", "'0' is not the number of a disk")]
    [InlineData("-DiskGB 'big'", "'big' is not a size in GB")]
    [InlineData("-Network 5", "A network, a list of networks or a hashtable is required")]
    [InlineData("-Network Lab, ''", "must be a name")]
    public async Task What_is_no_hardware_is_refused(string parameter, string message)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        var run = await engine.RunAsync($"Import-VmOva tinyVM.ova -Name one -Datastore datastore1 {parameter}");
        Assert.Contains(message, Assert.Single(run.Errors).Exception.Message);
        Assert.Empty(simulator.Vms);
    }

    [Theory]
    [InlineData("guestinfo.userdata")]
    [InlineData("GuestInfo.Metadata.Encoding")]
    public async Task Extra_configuration_does_not_take_the_place_of_cloud_init(string key)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        engine["extra"] = new System.Collections.Hashtable { [key] = "x" };
        var run = await engine.RunAsync("Import-VmOva tinyVM.ova -Name one -Datastore datastore1 -UserData '#!/bin/sh' -ExtraConfig $extra");
        Assert.Contains($"the key '{key}'", run.Error("ValueRefused").Exception.Message);
        Assert.Empty(simulator.Vms);
        await engine.MustRunAsync("Import-VmOva tinyVM.ova -Name one -Datastore datastore1 -ExtraConfig $extra");
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_clone_does_not_get_the_OVF_environment_of_its_source(EsxiMode mode)
    {
        using var folder = new TempFolder();
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = new OvaBuilder
        {
            ProductSections = """<ProductSection><Info>i</Info><Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true" ovf:value=""/></ProductSection>""",
        }.WriteOva(folder);

        // Both get what was given for both, the second as a copy of the first.
        await engine.MustRunAsync("$both = Import-VmOva $ova -Name one, two -Datacenter ha-datacenter -Datastore datastore1 -Property @{ hostname = 'both' }");
        if (mode == EsxiMode.Esxi)
            Assert.All(simulator.Vms, vm => Assert.Contains("both", vm.ExtraConfig["guestinfo.ovfEnv"]));
        var plain = await engine.MustRunAsync("New-VmClone one -Name plain; New-VmClone one -Name linked -Linked -WarningAction SilentlyContinue");
        Assert.Equal(mode == EsxiMode.Esxi ? 1 : 0, plain.Warnings.Count(warning => warning.StartsWith("The OVF properties of one are not copied", StringComparison.Ordinal)));
        // As a vCenter finds it, when the VM comes from a host.
        await engine.MustRunAsync("Set-VmInstance two -ExtraConfig @{ 'guestinfo.ovfEnv' = '<Environment id=\"two\"/>' }");
        var own = await engine.MustRunAsync("New-VmClone two -Name stale; New-VmClone two -Name own -ExtraConfig @{ 'guestinfo.ovfEnv' = '<mine/>' }");
        Assert.Equal(mode == EsxiMode.Esxi ? 1 : 0, own.Warnings.Count(warning => warning.StartsWith("The OVF properties of two are not copied", StringComparison.Ordinal)));

        Assert.All(simulator.Vms.Where(vm => vm.Name is "plain" or "linked" or "stale"), vm => Assert.DoesNotContain("guestinfo.ovfEnv", vm.ExtraConfig.Keys));
        Assert.Equal("<mine/>", simulator.Vms.Single(vm => vm.Name == "own").ExtraConfig["guestinfo.ovfEnv"]);
    }

    [Fact]
    public async Task Empty_cells_change_nothing()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        await engine.MustRunAsync("""
            Import-VmOva tinyVM.ova -Name one -Datastore datastore1 -Annotation notes
            [pscustomobject]@{ vm = 'one'; name = 'two'; annotation = ''; host_name = '' } | New-VmClone
            [pscustomobject]@{ name = 'one'; annotation = ''; cpu = '2' } | Set-VmInstance
            Set-VmInstance two -Annotation ''
            """);
        Assert.Equal([("one", "notes", 2), ("two", "", 1)], simulator.Vms.Select(vm => (vm.Name, vm.Annotation, vm.CpuCount)).Order());
    }

    [Fact]
    public async Task An_address_is_given_to_one_VM_of_a_pipeline()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Start();
        await engine.ConnectAsync(simulator);
        var run = await engine.RunAsync("""
            '[{ "ovf_path": "tinyVM.ova", "name": "a", "mac_address": "00:50:56:01:00:01" }, { "ovf_path": "tinyVM.ova", "name": "b", "mac_address": "00-50-56-01-00-01" }]' |
                ConvertFrom-Json | Import-VmOva -Datastore datastore1
            """);
        run.Error("MacAddressInvalid");
        Assert.Equal("a", Assert.Single(simulator.Vms).Name);
    }

    [Fact]
    public async Task A_parameter_means_the_same_on_all_four_cmdlets()
    {
        using var engine = Engine.Start();
        string[] common = ["CpuCount", "MemoryMB", "DiskGB", "ExtraDiskGB", "Network", "NicModel", "MacAddress", "GuestId", "Firmware", "SecureBoot", "ExtraConfig"];
        var all = (await engine.MustRunAsync("Get-Command Import-VmOva, New-VmClone, New-VmFromTemplate, New-VmFromIso")).All<CommandInfo>();
        foreach (var name in common)
        {
            var shapes = all.Select(command => command.Parameters[name]).Select(parameter => $"{parameter.ParameterType} {string.Join(",", parameter.Aliases)}");
            Assert.Single(shapes.Distinct());
        }
    }

    private static Engine Start()
    {
        var engine = Engine.Start();
        engine["job"] = File.ReadAllText(Repository.Path("examples/configs/hardware.json"));
        engine.Runspace.SessionStateProxy.Path.SetLocation(Repository.Path("examples"));
        return engine;
    }

    private static async Task<byte[]> RawAsync(string disk, string raw)
    {
        await Shell.RunAsync("qemu-img", "convert", "-O", "raw", disk, raw);
        return await File.ReadAllBytesAsync(raw);
    }
}

using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>What somebody meets who tries the cmdlets for the first time: names, messages and advice.</summary>
public sealed class FirstUseTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Engine _engine = Engine.Start();

    public FirstUseTests()
    {
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        _engine["folder"] = _folder.Path;
    }

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_package_whose_disk_the_manifest_does_not_list_is_not_intact()
    {
        _engine["ova"] = new OvaBuilder { Unlisted = "disk1.vmdk" }.WriteOva(_folder);

        var run = await _engine.MustRunAsync("Get-VmOva $ova -Verify");

        Assert.Equal(nameof(OvaIntegrity.PartlyVerified), run.Single<OvaSummary>().Integrity);
        Assert.Contains("'disk1.vmdk'", Assert.Single(run.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(32, true)]
    [InlineData(16, false)]
    public async Task A_disk_that_the_descriptor_gives_another_size_is_a_warning(int megabytes, bool isWarned)
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        _engine["esxi"] = await _engine.ConnectAsync(esxi);
        _engine["xen"] = await _engine.ConnectAsync(xen);
        _engine["ova"] = new OvaBuilder { Disks = [new OvaBuilderDisk("beta.vmdk", StreamVmdk.FromRaw(new byte[16 << 20]), megabytes << 20)] }.WriteOva(_folder);

        var run = await _engine.MustRunAsync("Import-VmOva $ova -Datastore datastore1 -Session $esxi -WhatIf; Import-VmOva $ova -Session $xen -WhatIf");

        Assert.Equal(isWarned ? 2 : 0, run.Warnings.Count(warning => warning.Contains($"'beta.vmdk' contains a disk of 16 MB, but the descriptor says {megabytes} MB", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_VM_is_named_after_its_ISO_and_not_after_the_repository()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Send-VmDatastoreFile $iso 'ISO library' debian.iso; New-VmFromIso '[ISO library] debian.iso'");

        Assert.Equal("debian1", Assert.Single(simulator.Vms).Name);
    }

    [Fact]
    public async Task A_file_that_was_sent_to_XenServer_is_the_one_that_a_listing_shows()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);

        var run = await _engine.MustRunAsync("Send-VmDatastoreFile $iso 'ISO library' sub/p.iso; Get-VmDatastoreFile '[ISO library] p.iso'");
        var (sent, listed) = (run.All<DatastoreFile>()[0], run.All<DatastoreFile>()[1]);

        Assert.Equal(("[ISO library] p.iso", "p.iso", "Iso"), (sent.Path, sent.Name, sent.Type));
        Assert.Equal(listed, sent with { WasSent = null });
        Assert.Contains("'sub/p.iso'", Assert.Single(run.Warnings), StringComparison.Ordinal);
        Assert.Contains("overwrites it", (await _engine.MustRunAsync("Send-VmDatastoreFile $iso 'ISO library' p.iso -Force -WhatIf")).HostText, StringComparison.Ordinal);
        Assert.DoesNotContain("overwrites it", (await _engine.MustRunAsync("Send-VmDatastoreFile $iso 'ISO library' p.iso -WhatIf")).HostText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_only_disk_is_removed_only_by_its_name_and_the_error_says_why()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");

        var error = (await _engine.RunAsync("Remove-VmDisk web1 -Confirm:$false")).Error("AmbiguousDisk");

        Assert.Contains("'Hard disk 1'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("boots from it", error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name = $true", "'True' is not a name")]
    [InlineData("name = [pscustomobject]@{ a = 1 }", "A name is required, and a map was given")]
    [InlineData("name_prefix = $false", "'False' is not a name")]
    [InlineData("name = @('web1', $true)", "'True' is not a name")]
    public async Task What_is_not_a_text_is_not_a_name(string entry, string message)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);

        var run = await _engine.RunAsync($"[pscustomobject]@{{ ovf_path = $ova; datastore = 'datastore1'; {entry} }} | Import-VmOva");

        Assert.Contains(message, Assert.Single(run.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Empty(simulator.Vms);
    }

    [Fact]
    public async Task A_name_on_the_command_line_takes_precedence_over_the_prefix_and_count_of_a_file()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);

        await _engine.MustRunAsync("[pscustomobject]@{ ovf_path = $ova; datastore = 'datastore1'; vm_name_prefix = 'lab'; num_instances = 3 } | Import-VmOva -Name hw -Count 1");

        Assert.Equal("hw", Assert.Single(simulator.Vms).Name);
        (await _engine.RunAsync("New-VmClone hw -NamePattern 'x{n}' -NamePrefix y")).Error("NameInvalid");
        Assert.Equal("hw", Assert.Single(simulator.Vms).Name);
    }

    [Fact]
    public async Task What_needs_a_VM_says_what_to_do_with_a_template()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name golden -Datastore datastore1 | ConvertTo-VmTemplate");

        foreach (var error in new[]
        {
            (await _engine.RunAsync("Remove-VmInstance golden -Confirm:$false")).Error("VmNotFound"),
            (await _engine.RunAsync("Get-VmTemplate golden | Remove-VmInstance -Confirm:$false")).Error("NotAVm"),
        })
        {
            Assert.Contains("ConvertFrom-VmTemplate", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        Assert.Contains("New-VmFromTemplate", (await _engine.RunAsync("Get-VmTemplate golden | New-VmClone")).Error("VmIsTemplate").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Set-VmInstance web1 -CpuCount 2", "HardwareNeedsPowerOff")]
    [InlineData("Add-VmDisk web1 -SizeGB 1", "HardwareNeedsPowerOff")]
    [InlineData("New-VmClone web1", "CloneSourceRunning")]
    [InlineData("Stop-VmInstance web1 -Confirm:$false", "WrongPowerState")]
    public async Task The_advice_for_a_suspended_VM_can_be_followed(string command, string id)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 | Start-VmInstance | Suspend-VmInstance");

        var advice = (await _engine.RunAsync(command)).Error(id).ErrorDetails.RecommendedAction;

        Assert.Contains("Stop-VmInstance -Force", advice, StringComparison.Ordinal);
        Assert.Contains("Resume-VmInstance", advice, StringComparison.Ordinal);
        await _engine.MustRunAsync("Stop-VmInstance web1 -Force -Confirm:$false; Set-VmInstance web1 -CpuCount 2");
    }

    [Theory]
    [InlineData("Stop-VmInstance web1 -Confirm:$false", "Shut down the guest")]
    [InlineData("Stop-VmInstance web1 -Force -Confirm:$false", "Power off")]
    [InlineData("Set-VmDisk web1 -SizeGB $size", "Grow")]
    [InlineData("Set-VmNetworkAdapter web1 -Network $network -Connected $true", "Set")]
    [InlineData("Set-VmInstance web1 -CpuCount $cpus", "Set")]
    [InlineData("Set-VmCdrom web1 -Eject", "Eject")]
    public async Task A_change_that_changes_nothing_says_so_and_does_nothing(string command, string action)
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        foreach (var connect in new Func<Task>[] { () => _engine.ConnectAsync(esxi), () => _engine.ConnectAsync(xen) })
        {
            await connect();
            await _engine.MustRunAsync("""
                Set-VmSession $session -Default
                $vm = Import-VmOva $ova -Name web1 -Datastore (Get-VmDatastore | Where-Object Name -in 'datastore1', 'Local storage').Name | Add-VmCdrom
                $size = $vm.Disks[0].CapacityBytes / 1GB; $network = $vm.NetworkAdapters[0].NetworkName; $cpus = $vm.CpuCount
                """);

            Assert.Contains($"\"{action}: nothing to change\"", (await _engine.MustRunAsync($"{command} -WhatIf")).HostText, StringComparison.Ordinal);

            var (tasks, calls) = (Changes(esxi), xen.Calls.Count(call => s_changing.Any(call.Method.Contains)));
            await _engine.MustRunAsync(command);
            Assert.Equal((tasks, calls), (Changes(esxi), xen.Calls.Count(call => s_changing.Any(call.Method.Contains))));
        }
    }

    [Fact]
    public async Task A_running_VM_is_not_to_be_powered_on_again()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");

        Assert.Contains("\"Power on\"", (await _engine.MustRunAsync("Start-VmInstance web1 -WhatIf")).HostText, StringComparison.Ordinal);
        Assert.Contains("\"Power on: nothing to change\"", (await _engine.MustRunAsync("Start-VmInstance web1 | Out-Null; Start-VmInstance web1 -WhatIf")).HostText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Add-VmDisk web1 -SizeGB 5000 -DiskProvisioning Thick -WhatIf", true)]
    [InlineData("Add-VmDisk web1 -SizeGB 5000 -DiskProvisioning Thin -WhatIf", false)]
    [InlineData("New-VmFromIso '[datastore1] tiny.iso' -Datastore datastore1 -DiskGB 5000 -DiskProvisioning Thick -WhatIf", true)]
    [InlineData("New-VmFromIso '[datastore1] tiny.iso' -Datastore datastore1 -DiskGB 1500 -Count 2 -DiskProvisioning Thick -WhatIf", true)]
    [InlineData("New-VmFromIso '[datastore1] tiny.iso' -Datastore datastore1 -DiskGB 1500 -DiskProvisioning Thick -WhatIf", false)]
    public async Task A_thick_disk_that_the_datastore_cannot_hold_is_refused_before_anything_is_made(string command, bool isRefused)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1; Send-VmDatastoreFile $iso datastore1");

        Assert.Equal(isRefused ? ["DatastoreFull"] : [], (await _engine.RunAsync(command)).ErrorIds);
    }

    [Theory]
    [InlineData("ext", "Add-VmDisk web1 -SizeGB 3000 -WhatIf", true)]
    [InlineData("ext", "Add-VmDisk web1 -SizeGB 1500 -WhatIf", false)]
    [InlineData("ext", "Set-VmDisk web1 -SizeGB 3000 -WhatIf", true)]
    [InlineData("ext", "New-VmClone web1 -ExtraDiskGB 3000 -WhatIf", true)]
    public async Task A_disk_larger_than_the_repository_is_refused_before_anything_is_made(string type, string command, bool isRefused)
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { LocalSrType = type, SrSize = 2000L << 30 });
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore 'Local storage'");

        var run = await _engine.RunAsync(command);

        Assert.Equal(isRefused ? ["DatastoreFull"] : [], run.ErrorIds);
        Assert.All(run.Errors, error => Assert.DoesNotContain("Thin", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_VMs_are_not_exported_to_one_file_and_WhatIf_says_so()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("Import-VmOva $ova -NamePrefix web -Count 2 -Datastore datastore1");

        foreach (var more in new[] { "-WhatIf", "-Force" })
        {
            var run = await _engine.RunAsync($"Export-VmOva web1, web2 $folder/x.ova {more}");
            Assert.DoesNotContain("-Force", run.Error("LocalFileExists").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task What_a_creation_is_told_is_in_WhatIf_but_no_value_of_a_property()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        _engine["ova"] = new OvaBuilder
        {
            ProductSections = """<ProductSection><Info/><Property ovf:key="admin_password" ovf:type="string" ovf:userConfigurable="true"/></ProductSection>""",
        }.WriteOva(_folder);

        var import = (await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 -Annotation x -DiskProvisioning Thin -Property @{ admin_password = 'hunter2' } -WhatIf")).HostText;
        var iso = (await _engine.MustRunAsync("New-VmFromIso $iso -Name web1 -Datastore datastore1 -DiskController Nvme -DiskProvisioning Thick -WhatIf")).HostText;

        Assert.All(["Thin provisioning", "'admin_password'", "annotation"], text => Assert.Contains(text, import, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", import, StringComparison.Ordinal);
        Assert.All(["Thick provisioning", "Nvme controller"], text => Assert.Contains(text, iso, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_MAC_address_of_the_same_VM_is_refused_before_anything_is_made()
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        foreach (var connect in new Func<Task>[] { () => _engine.ConnectAsync(esxi), () => _engine.ConnectAsync(xen) })
        {
            await connect();
            await _engine.MustRunAsync("""
                Set-VmSession $session -Default
                $store = (Get-VmDatastore | Where-Object Name -in 'datastore1', 'Local storage').Name
                $vm = Import-VmOva $ova -Name web1 -Datastore $store -MacAddress 00:50:56:01:00:01
                $network = $vm.NetworkAdapters[0].NetworkName
                $second = Add-VmNetworkAdapter web1 -Network $network
                """);

            (await _engine.RunAsync("Add-VmNetworkAdapter web1 -Network $network -MacAddress 00-50-56-01-00-01 -WhatIf")).Error("MacAddressInvalid");
            (await _engine.RunAsync("$second | Set-VmNetworkAdapter -MacAddress 00:50:56:01:00:01 -WhatIf")).Error("MacAddressInvalid");
            await _engine.MustRunAsync("$vm.NetworkAdapters[0] | Set-VmNetworkAdapter -MacAddress 00:50:56:01:00:01; $second | Set-VmNetworkAdapter -MacAddress 00:50:56:01:00:02");
        }
    }

    [Fact]
    public async Task A_strict_error_does_not_say_that_the_key_was_ignored()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        const string Job = "[pscustomobject]@{ ovf_path = $ova; datastore = 'datastore1'; name = 'web1'; cpus = 2 } | Import-VmOva";

        var message = (await _engine.RunAsync($"{Job} -StrictKeys")).Error("PipelineValueInvalid").Exception.Message;

        Assert.StartsWith("The key 'cpus' is not known.", message, StringComparison.Ordinal);
        Assert.Contains("was ignored", Assert.Single((await _engine.MustRunAsync($"{Job} -WhatIf")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_disks_of_VMs_with_one_name_are_told_apart()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        var vms = (await _engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -Datastore 'Local storage'")).All<Vm>();
        await vms[1].Session.RenameVmAsync(vms[1], vms[0].Name, default);

        var shown = (await _engine.MustRunAsync($"Set-VmDisk {vms[0].Name}* -SizeGB 2 -WhatIf")).HostText;

        Assert.All(vms, vm => Assert.Contains(vm.Id, shown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_are_removed_by_several_paths_and_by_a_pattern()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(simulator);
        await _engine.MustRunAsync("'a.iso', 'b.iso', 'c.iso', 'd.txt' | ForEach-Object { Send-VmDatastoreFile $iso datastore1 iso/$_ }");

        (await _engine.RunAsync("Remove-VmDatastoreFile '[datastore1] iso/a.iso', '[datastore1] iso/none.iso', '[datastore1] iso/d.txt' -Confirm:$false")).Error("HostFileNotFound");
        Assert.Equal(2, simulator.DatastoreFiles().Count);
        await _engine.MustRunAsync("Receive-VmDatastoreFile '[datastore1] iso/?.iso' -Destination $folder; Receive-VmDatastoreFile 'i*' datastore1 -Destination $folder");
        Assert.Equal(["b.iso", "c.iso"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
        await _engine.MustRunAsync("Remove-VmDatastoreFile '[datastore1] iso/*.iso' -Confirm:$false");
        Assert.Empty(simulator.DatastoreFiles());

        var advice = (await _engine.RunAsync("Get-VmDatastoreFile datastore1")).Error("AmbiguousPlacement").ErrorDetails.RecommendedAction;
        Assert.Contains("-Datastore", advice, StringComparison.Ordinal);
        Assert.DoesNotContain("-HostName", advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_VM_whose_disk_has_grown_goes_from_ESXi_to_XenServer()
    {
        await using var esxi = await EsxiSimulator.StartAsync();
        await using var xen = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(esxi);
        await _engine.MustRunAsync("$package = Import-VmOva $ova -Name web1 -Datastore datastore1 -DiskGB 0.0625 | Export-VmOva -Path $folder");
        await _engine.ConnectAsync(xen);

        var made = (await _engine.MustRunAsync("Import-VmOva $package.Path -Name web1 -Datastore 'Local storage' -Session $session")).Single<Vm>();

        Assert.Equal(64L << 20, Assert.Single(made.Disks).CapacityBytes);
    }

    // What changes a VM on XenServer; reading and logging in don't.
    private static readonly string[] s_changing = [".set_", ".plug", ".unplug", ".eject", ".insert", ".resize", ".create", ".destroy", "shutdown", ".start"];

    private static int Changes(EsxiSimulator simulator) => simulator.Requests.Count(request => request.Method.Contains("_Task", StringComparison.Ordinal));
}

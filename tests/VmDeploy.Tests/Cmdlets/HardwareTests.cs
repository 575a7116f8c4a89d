using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Set-VmInstance and the cmdlets of disks and network adapters in the engine.</summary>
public sealed class HardwareTests : IAsyncLifetime
{
    private readonly Engine _engine = Engine.Start();
    private EsxiSimulator _simulator = null!;

    private SimulatedVm Web1 => Assert.Single(_simulator.Vms, vm => vm.Name == "web1");

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -Datastore datastore1 -ThrottleLimit 1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task An_unknown_key_of_a_change_is_a_warning_with_the_nearest_name()
    {
        var run = await _engine.RunAsync("""'[{ "name": "web1", "cpus": 2, "memory": 64 }]' | ConvertFrom-Json | Set-VmInstance""");
        Assert.Contains("'cpu'", Assert.Single(run.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_changes_VMs_by_name_and_a_piped_VM_brings_no_old_values()
    {
        var run = await _engine.MustRunAsync("""
            '[{ "name": "web1", "cpu": 2, "memory": "64", "annotation": "one", "extra_config": { "guestinfo.a": 1 } }, { "name": "web2", "new_name": "www" }]' | ConvertFrom-Json | Set-VmInstance
            """);
        Assert.Equal(["web1", "www"], run.All<Vm>().Select(vm => vm.Name));
        Assert.Equal((2, 64L, "one", "1"), (Web1.CpuCount, Web1.MemoryMB, Web1.Annotation, Web1.ExtraConfig["guestinfo.a"]));

        // The object was read before another client changed the VM.
        await _engine.MustRunAsync("""
            $old = Get-VmInstance web1
            Set-VmInstance web1 -CpuCount 4 -Annotation ''
            $old | Set-VmInstance -MemoryMB 128
            """);
        Assert.Equal((4, 128L, ""), (Web1.CpuCount, Web1.MemoryMB, Web1.Annotation));
    }

    [Fact]
    public async Task A_file_changes_adapters()
    {
        await _engine.MustRunAsync("""
            $stale = Get-VmNetworkAdapter web1
            '{ "vm": "web1", "label": "Network adapter 1", "network": "Lab", "mac_address": "00:50:56:12:34:56", "connected": "false" }' | ConvertFrom-Json | Set-VmNetworkAdapter
            """);
        var nic = Web1.Nics[0];
        Assert.Equal(("Lab", "00:50:56:12:34:56", false), (nic.Network, nic.MacAddress, nic.StartConnected));
        // An adapter as it was before does not bring its address back.
        await _engine.MustRunAsync("$stale | Set-VmNetworkAdapter -Connected $true");
        Assert.Equal(("Lab", "00:50:56:12:34:56", true), (Web1.Nics[0].Network, Web1.Nics[0].MacAddress, Web1.Nics[0].StartConnected));
    }

    [Fact]
    public async Task A_file_changes_disks_and_drives()
    {
        await _engine.MustRunAsync("""
            Add-VmCdrom web1
            '[{ "vm": "web1", "label": "Hard disk *", "size_gb": 2 }]' | ConvertFrom-Json | Set-VmDisk
            $sent = Send-VmDatastoreFile $iso -Datastore datastore1
            [pscustomobject]@{ vm = 'web1'; label = 'CD*'; iso_path = "$sent" } | Set-VmCdrom
            """);
        Assert.Equal(2L << 30, Web1.Disks[0].CapacityBytes);
        Assert.EndsWith("tiny.iso", Assert.Single((await _engine.MustRunAsync("Get-VmCdrom web1 -Label CD*")).All<VmCdrom>()).Medium.Path, StringComparison.Ordinal);
        (await _engine.RunAsync("Get-VmCdrom web1 -Label other")).Error("CdromNotFound");
        await _engine.MustRunAsync("Remove-VmCdrom web1 -Label 'CD/DVD drive 1' -Confirm:$false");
        Assert.Empty((await _engine.MustRunAsync("Get-VmCdrom web1")).Output);
    }

    [Theory]
    [InlineData("Remove-VmInstance web2 -Confirm:$false")]
    [InlineData("Set-VmInstance -Name web2 -CpuCount 3")]
    [InlineData("Start-VmInstance -Vm web2")]
    [InlineData("New-VmSnapshot before")]
    [InlineData("Get-VmDisk | Set-VmDisk web2 -SizeGB 1")]
    public async Task What_is_piped_in_is_never_ignored_for_what_is_named(string command)
    {
        var before = _simulator.Vms.Select(vm => $"{vm.Name} {vm.CpuCount} {vm.Disks[0].CapacityBytes}").ToList();
        (await _engine.RunAsync($"Get-VmInstance web1 | {command}")).Error("PipelineValueInvalid");
        Assert.Equal(before, _simulator.Vms.Select(vm => $"{vm.Name} {vm.CpuCount} {vm.Disks[0].CapacityBytes}"));
        Assert.All(_simulator.Vms, vm => Assert.Equal("poweredOff", vm.PowerState));
    }

    [Theory]
    [InlineData("Start-VmInstance web1", "Add-VmCdrom web2; Start-VmInstance web2", "Remove-VmCdrom web2 -WhatIf", "CdromNeedsPowerOff")]
    [InlineData("Start-VmInstance web1", "", "Remove-VmInstance web1 -WhatIf", "WrongPowerState")]
    [InlineData("Start-VmInstance web1", "Suspend-VmInstance web1", "Stop-VmInstance web1 -WhatIf", "WrongPowerState")]
    [InlineData("", "", "Restart-VmInstance web1 -WhatIf", "WrongPowerState")]
    [InlineData("", "", "Suspend-VmInstance web1 -WhatIf", "WrongPowerState")]
    [InlineData("", "", "Resume-VmInstance web1 -WhatIf", "WrongPowerState")]
    [InlineData("New-VmClone web1 -Name copy -Linked", "", "Remove-VmInstance web1 -WhatIf", "LinkedClonesDepend")]
    [InlineData("", "", "Set-VmInstance web1, web2 -NewName www -WhatIf", "VmNameExists")]
    public async Task WhatIf_fails_where_the_change_would(string first, string second, string change, string error)
    {
        await _engine.MustRunAsync(first);
        await _engine.MustRunAsync(second);
        (await _engine.RunAsync(change)).Error(error);
    }

    [Fact]
    public async Task WhatIf_shows_every_change_and_makes_none()
    {
        var before = string.Join("\n", _simulator.Vms.Select(vm => $"{vm.Name} {vm.CpuCount} {vm.MemoryMB} {vm.Disks.Count} {vm.Nics.Count} {vm.Disks[0].CapacityBytes}"));
        var run = await _engine.MustRunAsync("""
            Set-VmInstance web1 -CpuCount 2 -MemoryMB 64 -NewName www -Annotation new -WhatIf
            Add-VmDisk web1 -SizeGB 20 -DiskProvisioning Thick -WhatIf
            Set-VmDisk web1 -SizeGB 2 -WhatIf
            Remove-VmDisk web1 -Label 'Hard disk 1' -WhatIf
            Remove-VmDisk web1 -Label 'Hard disk 1' -KeepFile -WhatIf
            Add-VmNetworkAdapter web1 -Network Lab -MacAddress 005056123456 -WhatIf
            Set-VmNetworkAdapter web1 -Network Lab -Connected $false -WhatIf
            Remove-VmNetworkAdapter web1 -WhatIf
            """);
        Assert.Empty(run.Output);
        foreach (var words in new[]
        {
            "1 -> 2 vCPU, 32 MB -> 64 MB memory, name 'web1' -> 'www', annotation", "20 GB on datastore 'datastore1', Thick at ", "-> 2 GB",
            "Delete with all data: [datastore1] web1/", "Detach, and keep [datastore1] web1/", "on 'Lab', MAC address 00:50:56:12:34:56", "network 'VM Network' -> 'Lab', disconnected",
            "\"Remove\" on target \"Network adapter 1 of web1",
        })
            Assert.Contains(words, run.HostText);
        Assert.Equal(before, string.Join("\n", _simulator.Vms.Select(vm => $"{vm.Name} {vm.CpuCount} {vm.MemoryMB} {vm.Disks.Count} {vm.Nics.Count} {vm.Disks[0].CapacityBytes}")));
    }

    [Fact]
    public async Task Disks_and_adapters_go_down_the_pipeline()
    {
        var run = await _engine.MustRunAsync("""
            $added = Add-VmDisk web1 -SizeGB 1 | Set-VmDisk -SizeGB 2
            $nic = Get-VmInstance web1 | Add-VmNetworkAdapter -Network Lab | Set-VmNetworkAdapter -Connected $false
            (Get-VmInstance web1).Disks | Where-Object Label -EQ $added.Label
            Get-VmDisk web1 -Label '*2'
            """);
        var adapters = await _engine.MustRunAsync("(Get-VmInstance web1).NetworkAdapters[-1]; Get-VmNetworkAdapter web1 -Label 'Network adapter 1'");
        var disks = run.All<VmDisk>();
        Assert.Equal(2, disks.Count);
        Assert.All(disks, disk => Assert.Equal((2L << 30, 2.0, "web1", "Hard disk 2"), (disk.CapacityBytes, disk.CapacityGB, disk.Vm.Name, disk.Label)));
        Assert.Equal(["Lab", "VM Network"], adapters.All<VmNetworkAdapter>().Select(nic => nic.NetworkName));
        Assert.Equal([1, 2], [_simulator.Vms.Count(vm => vm.Disks.Count == 2), Web1.Nics.Count]);
        Assert.False(Web1.Nics[1].StartConnected);

        await _engine.MustRunAsync("""
            Get-VmInstance web1 | Get-VmDisk -Label 'Hard disk 2' | Remove-VmDisk -Confirm:$false
            Remove-VmNetworkAdapter web1 -Label 'Network adapter 2' -Confirm:$false
            """);
        Assert.Equal((1, 1), (Web1.Disks.Count, Web1.Nics.Count));
        Assert.DoesNotContain(_simulator.DatastoreFiles(), file => file.EndsWith("web1_1.vmdk", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Disks_and_adapters_come_from_files()
    {
        await _engine.MustRunAsync("""
            '[{ "name": "web1", "size_gb": 1.5, "disk_provisioning": "thick", "disk_controller": "sata", "unit": "3" }]' | ConvertFrom-Json | Add-VmDisk
            '{ "name": "web1", "network": "Lab", "nic_model": "e1000e", "mac_address": "00:50:56:00:00:09", "connected": "false" }' | ConvertFrom-Json | Add-VmNetworkAdapter
            """);
        Assert.Equal(3L << 29, Web1.Disks[1].CapacityBytes);
        Assert.Equal(("VirtualE1000e", "Lab", "00:50:56:00:00:09", false), (Web1.Nics[1].Type, Web1.Nics[1].Network, Web1.Nics[1].MacAddress, Web1.Nics[1].StartConnected));
        Assert.Equal("SATA 0:3", Assert.Single((await _engine.MustRunAsync("Get-VmDisk -Name web1 -Label '*2'")).All<VmDisk>()).Slot);
        (await _engine.RunAsync("Get-VmDatastore datastore1 | Add-VmDisk -SizeGB 1")).Error("NotAVm");
    }

    [Theory]
    [InlineData("Add-VmDisk web1", "PipelineValueInvalid")]
    [InlineData("Add-VmDisk web1 -SizeGB 1 -DiskPath '[datastore1] a/b.vmdk'", "PipelineValueInvalid")]
    [InlineData("Add-VmDisk web1 -SizeGB 0", "DiskSizeInvalid")]
    [InlineData("Add-VmDisk web1 -SizeGB 1 -Unit 7 -DiskController LsiLogic", "DiskSlotInvalid")]
    [InlineData("Add-VmDisk web1 -SizeGB 1 | Out-Null; Set-VmDisk web1 -SizeGB 3", "AmbiguousDisk")]
    [InlineData("Set-VmDisk web1 -Label 'Hard disk 9' -SizeGB 3", "DiskNotFound")]
    [InlineData("Set-VmDisk nobody -SizeGB 3", "VmNotFound")]
    [InlineData("Get-VmDisk web1 -Label none", "DiskNotFound")]
    [InlineData("Add-VmNetworkAdapter web1 -Network Lab | Out-Null; Remove-VmNetworkAdapter web1 -Confirm:$false", "AmbiguousNetworkAdapter")]
    [InlineData("Set-VmNetworkAdapter web1 -Label none -Connected $true", "NetworkAdapterNotFound")]
    [InlineData("Set-VmNetworkAdapter web1 -MacAddress 01:00:00:00:00:01", "MacAddressInvalid")]
    [InlineData("Get-VmDisk web1 | Start-VmInstance", "NotAVm")]
    [InlineData("Start-VmInstance web1 | Set-VmInstance -CpuCount 2", "HardwareNeedsPowerOff")]
    [InlineData("Set-VmInstance web1 -NewName a/b", "NameInvalid")]
    [InlineData("Set-VmInstance web1 -NewName web2", "VmNameExists")]
    [InlineData("Set-VmInstance web1 -MemoryMB 33", "HardwareInvalid")]
    [InlineData("$d = Get-VmDisk web1; Remove-VmInstance web1 -Confirm:$false; $d | Set-VmDisk -SizeGB 4", "VmNotFound")]
    public async Task What_can_not_be_is_an_error_with_advice(string script, string id)
    {
        var error = (await _engine.RunAsync(script)).Error(id);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public async Task A_removal_asks_and_a_null_is_an_error()
    {
        _engine.Host.Answers.Enqueue("N");
        Assert.Contains("has 1 disk: 'Hard disk 1'", (await _engine.RunAsync("Remove-VmDisk web1 -Confirm:$false")).Error("AmbiguousDisk").Exception.Message);
        var run = await _engine.MustRunAsync("Get-VmDisk web1 | Remove-VmDisk");
        Assert.Contains("Delete with all data: [datastore1] web1/", run.HostText);
        Assert.Contains("Hard disk 1 of web1", run.HostText);
        Assert.Single(Web1.Disks);
        foreach (var command in new[] { "Set-VmDisk $null -SizeGB 2", "Remove-VmNetworkAdapter $null -Confirm:$false", "Get-VmDisk $null", "Set-VmInstance $null -CpuCount 2", "Set-VmDisk '' -SizeGB 2" })
        {
            var failed = await _engine.RunAsync(command);
            Assert.NotEmpty(failed.ErrorIds);
            Assert.DoesNotContain("UnexpectedFailure", failed.ErrorIds);
        }
        Assert.Single(Web1.Disks);
    }

    [Fact]
    public async Task On_XenServer_missing_drivers_have_their_own_advice()
    {
        await using var server = await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 1 });
        using var engine = Engine.Start();
        await engine.ConnectAsync(server);
        var error = (await engine.RunAsync("Start-VmInstance vm-00001 | Add-VmDisk -SizeGB 1")).Error("ToolsNotRunning");
        Assert.Contains("XenServer VM Tools", error.ErrorDetails.RecommendedAction);
        var run = await engine.MustRunAsync("Stop-VmInstance vm-00001 -Force -Confirm:$false | Add-VmDisk -SizeGB 1 -DiskController Nvme");
        Assert.Contains("A disk controller is ignored on XenServer", string.Join("\n", run.Warnings.Select(w => w.ToString())));
    }
}

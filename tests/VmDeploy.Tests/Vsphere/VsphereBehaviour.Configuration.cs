using VmDeploy.Tests.CloudInit;
using VmDeploy.Tests.Cmdlets;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

public abstract partial class VsphereBehaviour
{
    /// <summary>
    /// Not compared are the contents of the disks, because vcsim stores no bytes; on our simulator RequestedHardwareTests compares them.
    /// </summary>
    [SkippableFact]
    public async Task The_file_hardware_json_gives_three_VMs_as_it_says()
    {
        var before = (await ListAsync()).Select(vm => vm.Name).ToList();
        using var engine = Engine.Start();
        await engine.ConnectAsync(_options!);
        engine["job"] = File.ReadAllText(Repository.Path("examples/configs/hardware.json"));
        engine.Runspace.SessionStateProxy.Path.SetLocation(Repository.Path("examples"));

        // All hosts of the vCenters have datastore1, and the file names none of them.
        const string import = "$job | ConvertFrom-Json | Import-VmOva -HostName localhost.localdomain";
        Assert.Contains("as lab3: 2 vCPU, 1 GB, disks 64 MB + 32 MB,", (await engine.MustRunAsync($"{import} -WhatIf")).HostText, StringComparison.Ordinal);
        Assert.Equal(before, (await ListAsync()).Select(vm => vm.Name));
        await engine.MustRunAsync(import);

        var made = (await ListAsync(name => name.StartsWith("lab", StringComparison.Ordinal))).OrderBy(vm => vm.Name).ToList();
        Assert.Equal(["lab1", "lab2", "lab3"], made.Select(vm => vm.Name));
        var instances = new HashSet<string?>();
        for (var i = 0; i < 3; i++)
        {
            var vm = made[i];
            Assert.Equal((2, 1024L, "Off", "localhost.localdomain"), (vm.CpuCount, vm.MemoryMB, vm.PowerState, vm.HostName));
            Assert.Equal([64 * Megabyte, 32 * Megabyte], vm.Disks.Select(disk => disk.CapacityBytes));
            Assert.All(vm.Disks, disk => Assert.StartsWith("[datastore1] ", disk.Path, StringComparison.Ordinal));
            var adapter = Assert.Single(vm.NetworkAdapters);
            Assert.Equal((s_addresses[i], "VM Network"), (adapter.MacAddress, adapter.NetworkName));
            var guest = await CloudInitGuest.ReadGuestinfoAsync(await OptionsOfAsync(vm));
            Assert.Equal(vm.Name, guest.HostName);
            Assert.Contains($"{vm.Name}.example.com", guest.UserData, StringComparison.Ordinal);
            instances.Add(guest.InstanceId);
        }
        Assert.Equal(6, instances.Concat(made.Select(vm => vm.Uuid)).Distinct().Count());

        Assert.Contains("'lab1', 'lab2', 'lab3'", (await engine.RunAsync(import)).Error("VmNameExists").Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["On", "On", "On"], (await engine.MustRunAsync("Get-VmInstance lab* | Start-VmInstance")).All<Vm>().Select(vm => vm.PowerState));
        await engine.MustRunAsync("Get-VmInstance lab* | Remove-VmInstance -Force -Confirm:$false");
        Assert.Equal(before, (await ListAsync()).Select(vm => vm.Name));
    }
}

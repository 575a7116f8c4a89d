using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Copy-VmInstance in the engine, from an ESXi host to a XenServer and back.</summary>
public sealed class CopyCmdletTests : IAsyncLifetime
{
    private const string Place = "-Datastore datastore1 -HostName localhost.localdomain";

    private Engine _engine = null!;
    private EsxiSimulator _esxi = null!;
    private XapiSimulator _xen = null!;

    public async Task InitializeAsync()
    {
        _engine = Engine.Start();
        _esxi = await EsxiSimulator.StartAsync();
        _xen = await XapiSimulator.StartAsync();
        _engine["a"] = await _engine.ConnectAsync(_esxi);
        _engine["b"] = await _engine.ConnectAsync(_xen);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync($"Import-VmOva $ova -Session $a -Name web1, web2, web3 {Place}");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _esxi.DisposeAsync();
        await _xen.DisposeAsync();
    }

    [Fact]
    public async Task VMs_go_down_the_pipeline_by_name_and_as_objects_several_at_a_time()
    {
        var copies = (await _engine.MustRunAsync("Get-VmInstance web* -Session $a | Copy-VmInstance -Destination $b -ThrottleLimit 2")).All<Vm>();
        Assert.Equal(["web1", "web2", "web3"], copies.Select(vm => vm.Name).Order());
        Assert.All(copies, vm => Assert.Same(_engine["b"], vm.Session));
        Assert.Equal([1, 1, 1], copies.Select(vm => vm.Disks.Count));

        var back = await _engine.MustRunAsync($"Copy-VmInstance web1, web2 $a -Session $b -NamePattern '{{source}}-{{n:00}}' {Place} -Network 'VM Network'");
        Assert.Equal(["web1-01", "web2-01"], back.All<Vm>().Select(vm => vm.Name).Order());
        Assert.Equal(["web1", "web1-01", "web2", "web2-01", "web3"], _esxi.Vms.Select(vm => vm.Name).Order());
        var one = await _engine.MustRunAsync($"[pscustomobject]@{{ source = 'web3'; name = 'job'; num_instances = 1; keep_mac_address = $true; cpu = 2 }} | Copy-VmInstance -Session $a -Destination $b");
        Assert.Equal(("job", 2), (one.Single<Vm>().Name, one.Single<Vm>().CpuCount));
        Assert.Equal(_esxi.Vms.Single(vm => vm.Name == "web3").Nics[0].MacAddress, _xen.Vms.Single(vm => vm.Name == "job").Vifs[0].MacAddress);
        Assert.Equal(0, _esxi.OpenLeases);
    }

    [Fact]
    public async Task WhatIf_says_what_will_be_made_and_warnings_what_the_guest_needs()
    {
        var told = await _engine.MustRunAsync("Get-VmInstance web1 -Session $a | Copy-VmInstance -Destination $b -WhatIf");
        Assert.Contains($"Copy web1 from {_esxi.Server} as web1: 1 vCPU, 32 MB, disk 4 MB", told.HostText, StringComparison.Ordinal);
        Assert.Contains(told.Warnings, text => text.Contains("xen-blkfront and xen-netfront in its initramfs", StringComparison.Ordinal));
        Assert.Empty(_xen.Vms);
        Assert.DoesNotContain(_esxi.Requests, request => request.Method == "ExportVm");

        // Nothing changes for a guest that stays with its kind of host.
        var same = await _engine.MustRunAsync($"Get-VmInstance web1 -Session $a | Copy-VmInstance -Destination $a -Name web9 {Place} -WhatIf");
        Assert.Empty(same.Warnings);
    }

    [Fact]
    public async Task A_running_VM_is_refused_and_goes_through_a_snapshot()
    {
        await _engine.MustRunAsync("Start-VmInstance web1 -Session $a");
        (await _engine.RunAsync("Copy-VmInstance web1 -Session $a -Destination $b")).Error("ExportSourceRunning");
        var told = (await _engine.MustRunAsync("Copy-VmInstance web1 -Session $a -Destination $b -Snapshot -WhatIf")).HostText;
        Assert.Contains($"Copy web1 from {_esxi.Server} through a temporary snapshot as web1", told, StringComparison.Ordinal);
        Assert.Equal("Off", (await _engine.MustRunAsync("Copy-VmInstance web1 -Session $a -Destination $b -Snapshot")).Single<Vm>().PowerState);
        Assert.Empty((await _engine.MustRunAsync("Get-VmSnapshot web1 -Session $a")).Output);
    }

    [Fact]
    public async Task What_can_not_work_is_refused_before_anything_is_made()
    {
        (await _engine.RunAsync("Copy-VmInstance none -Session $a -Destination $b")).Error("VmNotFound");
        (await _engine.RunAsync("Copy-VmInstance -Session $a -Destination $b")).Error("CloneSourceMissing");
        (await _engine.RunAsync("Get-VmDatastore datastore1 -Session $a | Copy-VmInstance -Destination $b")).Error("NotAVm");
        (await _engine.RunAsync("Copy-VmInstance web1 -Session $a -Destination 'xen.example.com'")).Error("ParameterArgumentTransformationError");
        (await _engine.RunAsync("Get-VmInstance web1 -Session $a | Copy-VmInstance -Destination $a " + Place)).Error("VmNameExists");
        Assert.Contains("itself", (await _engine.RunAsync($"Get-VmInstance web1 -Session $a | Copy-VmInstance -Destination $a -ExistingVm Replace -Confirm:$false {Place}")).Error("VmNameExists").Exception.Message, StringComparison.Ordinal);
        (await _engine.RunAsync("Get-VmInstance web1 -Session $a | Copy-VmInstance -Destination $b -Count 2 -KeepMacAddress")).Error("MacAddressInvalid");
        Assert.Empty(_xen.Vms);

        // Of two for one name, the second is refused, and the first is copied.
        var twice = await _engine.RunAsync("Get-VmInstance web1, web2 -Session $a | Copy-VmInstance -Destination $b -Name same");
        twice.Error("VmNameExists");
        Assert.Equal("same", twice.Single<Vm>().Name);
        Assert.Equal(["same"], _xen.Vms.Select(vm => vm.Name));
    }

    [Fact]
    public async Task So_many_are_copied_at_a_time_and_Ctrl_C_leaves_nothing_on_either_host()
    {
        await _engine.MustRunAsync("Start-VmInstance web1 -Session $a");
        var before = _xen.Inventory();
        var files = _esxi.DatastoreFiles();
        _esxi.Faults.BytesPerSecond = 2_000;
        var run = _engine.Begin("Get-VmInstance web* -Session $a | Copy-VmInstance -Destination $b -Snapshot -ThrottleLimit 2");
        while (_esxi.OpenLeases < 2)
            await Task.Delay(20);
        Assert.Equal(2, _esxi.Requests.Count(request => request.Method is "ExportVm" or "ExportSnapshot"));
        await run.StopAsync();
        Assert.True((await run.ResultAsync()).WasStopped);
        _esxi.Faults.BytesPerSecond = null;
        // What the hosts take longer for than the prompt waits ends in the background.
        for (var tries = 0; tries < 500 && (_esxi.OpenLeases > 0 || !_xen.Inventory().SequenceEqual(before) || !_esxi.DatastoreFiles().SequenceEqual(files)); tries++)
            await Task.Delay(20);
        Assert.Equal(0, _esxi.OpenLeases);
        Assert.Equal(before, _xen.Inventory());
        Assert.Equal(files, _esxi.DatastoreFiles());
        Assert.Empty((await _engine.MustRunAsync("Get-VmSnapshot web1 -Session $a")).Output);
    }

    [Fact]
    public async Task Places_are_completed_from_the_destination_and_VMs_from_the_source()
    {
        Assert.Equal(["'Local storage'"], await CompleteAsync("Copy-VmInstance -Session $a -Destination $b -Datastore Local"));
        Assert.Equal(["datastore1"], await CompleteAsync("Copy-VmInstance -Session $b -Destination $a -Datastore datastore1"));
        Assert.Equal(["web2"], await CompleteAsync("Copy-VmInstance -Destination $b -Session $a -Vm web2"));
        Assert.Equal(2, (await CompleteAsync("Copy-VmInstance -Destination ")).Count);
    }

    // What takes longer than a second completes to nothing, and a busy machine may.
    private async Task<IReadOnlyList<string>> CompleteAsync(string line)
    {
        _engine["line"] = line;
        for (var attempt = 1; ; attempt++)
        {
            var run = await _engine.MustRunAsync("[System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches | ForEach-Object CompletionText");
            var found = run.Values.Select(value => value?.ToString() ?? "").ToList();
            if (found.Count > 0 || attempt == 5)
                return found;
        }
    }
}

using VmDeploy.Simulator;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>A lab in one file on three simulated hosts: plan, apply, drift, remove.</summary>
public sealed class DeploymentTests : IAsyncLifetime, IDisposable
{
    private readonly Engine _engine = Engine.Start();
    private readonly TempFolder _folder = new();
    private EsxiSimulator _esxi = null!;
    private EsxiSimulator _vcenter = null!;
    private XapiSimulator _xen = null!;

    private string Hosts => $$"""
          "hosts": {
            "esxi1": { "server": "{{_esxi.Server}}", "port": {{_esxi.HttpsPort}}, "kind": "esxi" },
            "vc1": { "server": "{{_vcenter.Server}}", "port": {{_vcenter.HttpsPort}}, "kind": "vcenter" },
            "xen1": { "server": "{{_xen.Server}}", "port": {{_xen.HttpsPort}}, "kind": "xenserver" }
          }
        """;

    private const string OnEsxi = "-Session (Get-VmSession | Where-Object Kind -EQ Esxi)";

    private int Writes => _esxi.Requests.Count(one => IsWrite(one.Method)) + _vcenter.Requests.Count(one => IsWrite(one.Method)) + _xen.Calls.Count(call => IsXenWrite(call.Method));

    public async Task InitializeAsync()
    {
        _esxi = await EsxiSimulator.StartAsync();
        _vcenter = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter, Folders = ["Lab"] });
        _xen = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(_esxi);
        await _engine.ConnectAsync(_vcenter);
        await _engine.ConnectAsync(_xen);
        _engine["lab"] = Path.Combine(_folder.Path, "lab.json");
        File.Copy(Repository.Path("examples/tinyVM.ova"), Path.Combine(_folder.Path, "tinyVM.ova"));
        File.Copy(Repository.Path("examples/tiny.iso"), Path.Combine(_folder.Path, "tiny.iso"));
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _esxi.DisposeAsync();
        await _vcenter.DisposeAsync();
        await _xen.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lab_is_made_kept_changed_and_removed()
    {
        Write(webCpus: 1, iso: "tiny.iso");
        var missing = (await _engine.MustRunAsync("Test-VmDeployment $lab")).All<MachineStatus>();
        Assert.Equal(["web1", "web2", "web3", "copy", "boot", "vc-web", "app", "db", "xencopy", "tpl"], missing.Select(one => one.Name));
        Assert.All(missing, one => Assert.Equal(nameof(MachineStatusKind.Missing), one.Status));
        var plan = await _engine.MustRunAsync("Invoke-VmDeployment $lab -WhatIf");
        Assert.Contains("Clone web1, which is made first, as copy", plan.HostText, StringComparison.Ordinal);
        Assert.Empty(_esxi.Vms);

        var made = (await _engine.MustRunAsync("Invoke-VmDeployment $lab")).All<MachineStatus>();
        Assert.All(made, one => Assert.Equal((nameof(MachineAction.Create), nameof(MachineStatusKind.AsWanted)), (one.Action, one.Status)));
        Assert.Equal(10, made.Count);
        // The disks of web1 to web3 were sent once.
        Assert.Equal(["boot", "copy", "web1", "web2", "web3"], _esxi.Vms.Select(vm => vm.Name).Order());
        Assert.True(made.ToList().FindIndex(one => one.Name == "db") < made.ToList().FindIndex(one => one.Name == "app"), "dependencies first");

        // Running it twice changes nothing.
        var before = Writes;
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
        Assert.All((await _engine.MustRunAsync("Invoke-VmDeployment $lab")).All<MachineStatus>(), one => Assert.Equal(nameof(MachineAction.None), one.Action));
        Assert.Equal(before, Writes);

        // What changes in the file, and only that.
        Write(webCpus: 2, iso: "other.iso", appDisk: 2);
        File.Copy(Repository.Path("examples/tiny.iso"), Path.Combine(_folder.Path, "other.iso"));
        var different = (await _engine.MustRunAsync("Test-VmDeployment $lab | Where-Object Status -NE AsWanted")).All<MachineStatus>();
        Assert.Equal(["web1: cpu: 1 -> 2", "web2: cpu: 1 -> 2", "web3: cpu: 1 -> 2", "boot: iso_path", "app: disk"],
            different.Select(one => $"{one.Name}: {string.Join(", ", one.Differences.Select(difference => difference.Property is "cpu" ? difference.ToString() : difference.Property))}"));
        Assert.Equal(["RestartNotAllowed", "RestartNotAllowed", "RestartNotAllowed"], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds);
        // A hard power-off is asked about like one of Stop-VmInstance.
        _engine.Host.Answers.Enqueue("L");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force");
        Assert.Equal([1, 1, 1], _esxi.Vms.Where(vm => vm.Name.StartsWith("web", StringComparison.Ordinal)).Select(vm => vm.CpuCount));
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force -Confirm:$false");
        Assert.Equal([2, 2, 2], _esxi.Vms.Where(vm => vm.Name.StartsWith("web", StringComparison.Ordinal)).Select(vm => vm.CpuCount));
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());

        // What is destroyed behind our back is made again.
        await _engine.MustRunAsync("Remove-VmInstance db -Session (Get-VmSession | Where-Object Kind -EQ XenServer) -Force -Confirm:$false");
        Assert.Equal("db", Assert.Single((await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart | Where-Object Action -EQ Create")).All<MachineStatus>()).Name);

        // What leaves the file is extra, kept, and removed when asked.
        Write(webCpus: 2, iso: "other.iso", appDisk: 2, withTemplate: false);
        Assert.Equal("tpl", Assert.Single((await _engine.MustRunAsync("Test-VmDeployment $lab | Where-Object Status -EQ Extra")).All<MachineStatus>()).Name);
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Assert.Contains(_xen.Vms, vm => vm.Name == "tpl");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.DoesNotContain(_xen.Vms, vm => vm.Name == "tpl");

        await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
        Assert.Empty(_esxi.Vms);
        Assert.DoesNotContain(_xen.Vms, vm => vm.Name is "app" or "db" or "xencopy");
    }

    [Fact]
    public async Task A_VM_that_the_deployment_has_not_made_is_never_touched()
    {
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 -Session (Get-VmSession | Where-Object Kind -EQ Esxi)");
        Write(webCpus: 2, iso: "tiny.iso");
        var run = await _engine.RunAsync("Invoke-VmDeployment $lab -AllowReplace -AllowRestart -Prune -Confirm:$false");
        Assert.Equal(["DependencyFailed", "VmNotOfDeployment"], run.ErrorIds.Order());
        Assert.Equal(1, _esxi.Vms.Single(vm => vm.Name == "web1").CpuCount);
    }

    // Every seventh request of the run, one fault after the other; a second run goes on from there.
    [Theory]
    [InlineData(RequestFault.Refused)]
    [InlineData(RequestFault.CutBeforeReply)]
    public async Task A_run_that_breaks_anywhere_is_finished_by_the_second(RequestFault fault)
    {
        WriteSmall();
        for (var number = 1; ; number += 7)
        {
            _esxi.RequestFaults.Order(number, fault);
            await _engine.RunAsync("Invoke-VmDeployment $lab");
            var requests = _esxi.RequestFaults.Methods.Count;
            _esxi.RequestFaults.Order(0, default);
            await _engine.MustRunAsync("Invoke-VmDeployment $lab");
            Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>(), $"request {number}");
            Assert.Equal(["copy", "db", "web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
            await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
            Assert.Empty(_esxi.Vms);
            if (number > requests)
                return;
        }
    }

    [Fact]
    public async Task A_run_that_is_stopped_leaves_nothing_half_made_and_is_finished_by_the_second()
    {
        WriteSmall();
        var run = _engine.Begin("Invoke-VmDeployment $lab");
        await ReachedAsync("HttpNfcLeaseComplete");
        await run.StopAsync();
        await run.ResultAsync();
        await SettledAsync();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
        Assert.Equal(["copy", "db", "web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task What_can_t_be_changed_is_replaced_only_when_allowed()
    {
        WriteSmall();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        WriteSmall("\"firmware\": \"efi\", \"extra_disk_gb\": 0.01, ");
        Assert.Equal(["ReplaceNotAllowed", "ReplaceNotAllowed"], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds);
        var old = _esxi.Vms.Where(vm => vm.Name.StartsWith("web", StringComparison.Ordinal)).Select(vm => vm.Id).ToHashSet();
        var run = await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowReplace -Confirm:$false");
        Assert.Equal(["web1", "web2"], run.All<MachineStatus>().Where(one => one.Action == nameof(MachineAction.Replace)).Select(one => one.Name).Order());
        Assert.DoesNotContain(_esxi.Vms, vm => old.Contains(vm.Id));
        Assert.All(_esxi.Vms.Where(vm => vm.Name.StartsWith("web", StringComparison.Ordinal)), vm => Assert.Equal(2, vm.Disks.Count));
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task A_machine_is_replaced_where_it_is_even_if_the_file_wants_it_elsewhere()
    {
        void Write(string more) => File.WriteAllText((string)_engine["lab"]!, $$"""
            { "name": "moved", "hosts": { "vc1": { "server": "{{_vcenter.Server}}", "port": {{_vcenter.HttpsPort}}, "kind": "vcenter" } },
              "machines": { "web": { "ovf_path": "tinyVM.ova", "datastore": "datastore1", "state": "stopped"{{more}} } } }
            """);
        Write("");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Write(""", "firmware": "efi", "folder": "Lab" """);
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowReplace -Confirm:$false");
        Assert.Equal("Lab", Assert.Single((await _engine.MustRunAsync("Get-VmInstance -Session (Get-VmSession | Where-Object Kind -EQ VCenter)")).All<Vm>()).Folder);
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task A_VM_that_a_killed_run_has_set_aside_gets_its_name_back_and_is_not_pruned()
    {
        WriteSmall();
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Set-VmInstance web1 -NewName 'web1 (replaced 0a1b2c3d)' {OnEsxi}");
        var id = _esxi.Vms.Single(vm => vm.Name.StartsWith("web1", StringComparison.Ordinal)).Id;
        Assert.Equal("name: web1 (replaced 0a1b2c3d) -> web1", Assert.Single((await _engine.MustRunAsync("Test-VmDeployment $lab | Where-Object Status -NE AsWanted")).Single<MachineStatus>().Differences).ToString());
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.Equal(id, _esxi.Vms.Single(vm => vm.Name == "web1").Id);
        Assert.Equal(4, _esxi.Vms.Count);
    }

    [Fact]
    public async Task A_VM_that_was_replaced_does_not_run_beside_its_successor()
    {
        WriteSmall();
        // What a run leaves that could not remove the old VM.
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Set-VmInstance web2 -NewName 'db (replaced 0a1b2c3d)' {OnEsxi}; Stop-VmInstance db -Force -Confirm:$false {OnEsxi}");
        Assert.Equal(["DependencyFailed", "ReplaceNotAllowed"], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds.Order().Distinct());
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowReplace -Confirm:$false");
        Assert.Equal(["copy", "db", "web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    // The states that a killed replacement can leave: the old VM set aside, and the new one not finished.
    [Fact]
    public async Task The_whole_VM_is_kept_while_its_successor_is_not_finished()
    {
        WriteSmall();
        _engine["ova"] = Path.Combine(_folder.Path, "tinyVM.ova");
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Set-VmInstance web1 -NewName 'web1 (replaced 0a1b2c3d)' {OnEsxi}; Import-VmOva $ova -Name web1 -Datastore datastore1 {OnEsxi}");
        Assert.Equal(["VmNotOfDeployment", "VmNotOfDeployment"], (await _engine.RunAsync("Invoke-VmDeployment $lab -AllowReplace -Prune -Confirm:$false")).ErrorIds);
        Assert.Contains(_esxi.Vms, vm => vm.Name == "web1 (replaced 0a1b2c3d)");
        await _engine.MustRunAsync($"Remove-VmInstance web1 -Force -Confirm:$false {OnEsxi}; Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.Equal(["copy", "db", "web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task Nothing_is_pruned_that_is_still_needed()
    {
        var down = "\"down\": { \"server\": \"127.0.0.1\", \"port\": 1, \"kind\": \"esxi\" }";
        void Write(string hosts, string machines) => File.WriteAllText((string)_engine["lab"]!, $$"""
            { "name": "prune", "hosts": { "esxi1": { "server": "{{_esxi.Server}}", "port": {{_esxi.HttpsPort}}, "kind": "esxi" }{{hosts}} },
              "defaults": { "host": "esxi1", "datastore": "datastore1", "state": "stopped" }, "machines": { {{machines}} } }
            """);
        Write("", "\"db\": { \"ovf_path\": \"tinyVM.ova\" }, \"app\": { \"ovf_path\": \"tinyVM.ova\" }");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");

        // What depends on a machine of a host that is down is left alone.
        _engine["login"] = Engine.Credential("root", "x");
        Write(", " + down, "\"db\": { \"host\": \"down\", \"ovf_path\": \"tinyVM.ova\" }, \"app\": { \"ovf_path\": \"tinyVM.ova\", \"depends_on\": \"db\" }");
        var run = await _engine.RunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false -Credential $login");
        Assert.Equal(["HostUnreachable"], run.ErrorIds);
        Assert.Equal([("app", nameof(MachineStatusKind.Unknown)), ("db", nameof(MachineStatusKind.Unknown))], run.All<MachineStatus>().Select(one => (one.Name, one.Status)).Order());

        // So is the source of a copy that fails.
        Write("", "\"new\": { \"source\": \"db\" }, \"app\": { \"ovf_path\": \"tinyVM.ova\" }");
        _esxi.Faults.FailTask("CopyVirtualDisk_Task", "RuntimeFault", "by order", skip: 0);
        var failed = await _engine.RunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.Contains("db was not removed, because new, which is made from it or takes its place, was not made.", failed.Errors.Select(one => one.Exception.Message));
        Assert.Equal(["app", "db"], _esxi.Vms.Select(vm => vm.Name).Order());
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.Equal(["app", "new"], _esxi.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task A_source_that_is_changed_and_copied_is_stopped_once()
    {
        WriteSmall();
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Remove-VmInstance copy -Force -Confirm:$false {OnEsxi}");
        await File.WriteAllTextAsync((string)_engine["lab"]!, (await File.ReadAllTextAsync((string)_engine["lab"]!)).Replace("\"db\": {", "\"db\": { \"memory\": 64,", StringComparison.Ordinal));
        var stops = _esxi.Requests.Count(one => one.Method == "PowerOffVM_Task");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force -Confirm:$false -ThrottleLimit 1");
        Assert.Equal(stops + 1, _esxi.Requests.Count(one => one.Method == "PowerOffVM_Task"));
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task An_ISO_beside_another_source_is_looked_up_before_anything_is_made()
    {
        foreach (var (iso, error) in new[] { ("nothere.iso", "LocalFileNotFound"), ("[datastore1] iso/nothere.iso", "HostFileNotFound") })
        {
            WriteSmall($"\"iso_path\": \"{iso}\", ");
            Assert.Equal([error, error], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds);
            Assert.Equal(["copy", "db"], _esxi.Vms.Select(vm => vm.Name).Order());
        }
    }

    [Fact]
    public async Task A_copy_is_made_again_while_its_source_runs_if_the_source_may_be_restarted()
    {
        WriteSmall();
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Remove-VmInstance copy -Force -Confirm:$false {OnEsxi}");
        (await _engine.RunAsync("Invoke-VmDeployment $lab")).Error("RestartNotAllowed");
        Assert.Contains("Stop db, clone it as copy, and start db again", (await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force -WhatIf")).HostText, StringComparison.Ordinal);
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force -Confirm:$false");
        Assert.Equal("poweredOn", _esxi.Vms.Single(vm => vm.Name == "db").PowerState);
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task One_machine_or_host_that_fails_does_not_keep_the_others_from_being_compared_and_made()
    {
        WriteSmall();
        var json = await File.ReadAllTextAsync((string)_engine["lab"]!);
        await File.WriteAllTextAsync((string)_engine["lab"]!, json.Replace("\"kind\": \"esxi\" }", $"\"kind\": \"esxi\" }}, \"down\": {{ \"server\": \"127.0.0.1\", \"port\": 1, \"kind\": \"esxi\" }}", StringComparison.Ordinal)
            .Replace("\"defaults\": {", "\"defaults\": { \"host\": \"esxi1\",", StringComparison.Ordinal)
            .Replace("\"copy\": {", "\"far\": { \"host\": \"down\", \"ovf_path\": \"tinyVM.ova\" }, \"gone\": { \"ovf_path\": \"gone.ova\", \"state\": \"stopped\" }, \"copy\": {", StringComparison.Ordinal));
        File.Copy(Repository.Path("examples/tinyVM.ova"), Path.Combine(_folder.Path, "gone.ova"));
        _engine["login"] = Engine.Credential("root", "x");
        Assert.Equal(["HostUnreachable"], (await _engine.RunAsync("Invoke-VmDeployment $lab -Credential $login")).ErrorIds);
        Assert.Equal(5, _esxi.Vms.Count);
        File.Delete(Path.Combine(_folder.Path, "gone.ova"));
        var run = await _engine.RunAsync("Test-VmDeployment $lab -Credential $login");
        Assert.Equal(["HostUnreachable", "OvaNotFound"], run.ErrorIds.Order());
        Assert.Equal([("far", nameof(MachineStatusKind.Unknown)), ("gone", nameof(MachineStatusKind.Unknown))],
            run.All<MachineStatus>().Where(one => one.Status != nameof(MachineStatusKind.AsWanted)).Select(one => (one.Name, one.Status)).Order());
    }

    // What a file adds that is so already, or says in another way, is no difference; what it changes is one.
    [Fact]
    public async Task A_machine_differs_only_if_the_file_wants_something_else()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "user.yaml"), "#cloud-config\nhostname: a\n");
        File.WriteAllText(Path.Combine(_folder.Path, "user-crlf.yaml"), "#cloud-config\r\nhostname: a\r\n");
        async Task<string[]> DifferAsync(string xen, string esxi, string copy, string run = "Test")
        {
            File.WriteAllText((string)_engine["lab"]!, $$"""
                { "name": "same", {{Hosts}}, "machines": {
                  "tpl": { "host": "xen1", "template": "alpine-template", "cpu": 1, {{xen}}, "state": "stopped" },
                  "web": { "host": "esxi1", "ovf_path": "tinyVM.ova", "datastore": "datastore1", {{esxi}}, "state": "stopped" },
                  "copy": { "host": "esxi1", "source": "web", "datastore": "datastore1", {{copy}}, "state": "stopped" } } }
                """);
            return (await _engine.MustRunAsync($"{run}-VmDeployment $lab")).All<MachineStatus>().SelectMany(one => one.Differences.Select(difference => $"{one.Name} {difference.Property} {difference.Cost}")).ToArray();
        }

        const string Xen = "\"network\": \"Pool-wide network associated with eth0\", \"vlan\": 20, \"user_data\": { \"hostname\": \"a\", \"locale\": \"C\" }";
        const string Esxi = "\"user_data\": \"user.yaml\", \"extra_config\": { \"a.b\": \"1\" }";
        Assert.Empty(await DifferAsync(Xen, Esxi, "\"extra_disk_gb\": 0.01", "Invoke"));
        Assert.Empty(await DifferAsync(Xen, Esxi, "\"extra_disk_gb\": 0.01"));
        await _engine.MustRunAsync($"Add-VmDisk web -SizeGB 0.02 {OnEsxi}");
        Assert.Empty(await DifferAsync("\"vlan\": 20, \"network\": \"Pool-wide network associated with eth0\", \"user_data\": { \"locale\": \"C\", \"hostname\": \"a\" }",
            "\"user_data\": \"user-crlf.yaml\", \"firmware\": \"bios\", \"extra_config\": { \"a.b\": \"1\" }", "\"extra_disk_gb\": 0.01"));
        Assert.Equal(["tpl vlan Replace", "web cloud_init Replace", "web extra_config.a.b Change"],
            await DifferAsync(Xen.Replace("20", "21", StringComparison.Ordinal), "\"user_data\": \"#cloud-config\\n{}\", \"extra_config\": { \"a.b\": \"2\" }", "\"extra_disk_gb\": 0.01"));
        Assert.Empty(await DifferAsync(Xen, Esxi.Replace("\"1\"", "\"3\"", StringComparison.Ordinal), "\"extra_disk_gb\": 0.01", "Invoke"));
        Assert.Equal("3", _esxi.Vms.Single(vm => vm.Name == "web").ExtraConfig["a.b"]);
    }

    [Fact]
    public async Task A_lost_disk_is_not_replaced_by_an_empty_one_and_what_a_host_does_not_take_is_told()
    {
        WriteSmall("\"disk\": 0.01, \"mac_address\": [\"00:50:56:00:00:01\", \"00:50:56:00:00:02\"], ");
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Get-VmDisk web1 {OnEsxi} | Remove-VmDisk -Confirm:$false; Get-VmNetworkAdapter web2 {OnEsxi} | Remove-VmNetworkAdapter -Confirm:$false");
        var run = await _engine.RunAsync("Invoke-VmDeployment $lab");
        Assert.Equal(["MachineStillDiffers", "ReplaceNotAllowed"], run.ErrorIds.Order());
        Assert.Empty(_esxi.Vms.Single(vm => vm.Name == "web1").Disks);
    }

    [Fact]
    public async Task A_machine_that_should_be_off_is_stopped_for_its_change_and_a_suspended_one_is_not_off()
    {
        WriteSmall();
        await _engine.MustRunAsync($"Invoke-VmDeployment $lab; Start-VmInstance web1, web2 {OnEsxi}; Suspend-VmInstance web2 {OnEsxi}");
        WriteSmall("\"cpu\": 2, ");
        Assert.Equal(["cpu", "state", "cpu", "state"], (await _engine.MustRunAsync("Test-VmDeployment $lab")).All<MachineStatus>().SelectMany(one => one.Differences.Select(difference => difference.Property)));
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Force -Confirm:$false");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task A_medium_that_needs_a_restart_gets_one()
    {
        void Write(string iso) => File.WriteAllText((string)_engine["lab"]!, $$"""
            { "name": "media", "hosts": { "xen1": { "server": "{{_xen.Server}}", "port": {{_xen.HttpsPort}}, "kind": "xenserver" } }, "machines": { "web": { "ovf_path": "tinyVM.ova"{{iso}} } } }
            """);
        Write("");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Write(", \"iso_path\": \"tiny.iso\"");
        (await _engine.RunAsync("Invoke-VmDeployment $lab")).Error("RestartNotAllowed");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -AllowRestart -Force -Confirm:$false");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
    }

    [Fact]
    public async Task Two_names_of_one_server_can_t_have_one_machine_twice()
    {
        var host = $"{{ \"server\": \"{_esxi.Server}\", \"port\": {_esxi.HttpsPort}, \"kind\": \"esxi\" }}";
        await File.WriteAllTextAsync((string)_engine["lab"]!, $$"""
            { "name": "twice", "hosts": { "a": {{host}}, "b": {{host}} }, "machines": { "x": { "host": "a", "ovf_path": "tinyVM.ova" }, "y": { "host": "b", "ovf_path": "tinyVM.ova", "name_pattern": "x" } } }
            """);
        Assert.Contains("'a', 'b' are one server", (await _engine.RunAsync("Test-VmDeployment $lab")).Error("DeploymentFileInvalid").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PowerShell_data_is_read_with_its_lines_and_any_number_of_machines()
    {
        _engine["lab"] = Path.Combine(_folder.Path, "lab.psd1");
        string Data(string last) => $$"""
            @{
                name = 'data'
                hosts = @{ esxi1 = @{ server = '{{_esxi.Server}}'; port = {{_esxi.HttpsPort}}; kind = 'esxi' } }
                defaults = @{ ovf_path = 'tinyVM.ova'; datastore = 'datastore1'; depends_on = @(); }
                machines = @{
            {{string.Concat(Enumerable.Range(0, 600).Select(i => $"        m{i} = @{{ cpu = 1; accept_eula = $true }}\n"))}}
                    {{last}}
                }
            }
            """;
        await File.WriteAllTextAsync((string)_engine["lab"]!, Data("x = @{ disk = 1, 2 }"));
        Assert.Equal(601, (await _engine.MustRunAsync("Test-VmDeployment $lab")).Output.Count);
        await File.WriteAllTextAsync((string)_engine["lab"]!, Data("x = @{ cpuu = 1 }"));
        Assert.Contains("Line 607, machines.x.cpuu", (await _engine.RunAsync("Test-VmDeployment $lab")).Error("DeploymentFileInvalid").Exception.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync((string)_engine["lab"]!, Data("x = @{ cpu = Get-Random }"));
        Assert.Contains("line 607: Get-Random is not data", (await _engine.RunAsync("Test-VmDeployment $lab")).Error("DeploymentFileInvalid").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dependency_that_was_not_ready_in_one_run_is_waited_for_in_the_next()
    {
        File.WriteAllText((string)_engine["lab"]!, $$"""
            { "name": "waits", "hosts": { "esxi1": { "server": "{{_esxi.Server}}", "port": {{_esxi.HttpsPort}}, "kind": "esxi" } },
              "defaults": { "ovf_path": "tinyVM.ova", "datastore": "datastore1" },
              "machines": { "db": { "wait_for": "Tools", "timeout_sec": 1 }, "web": { "depends_on": "db" } } }
            """);
        Assert.Equal(["DependencyFailed", "WaitTimeout"], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds.Order());
        Assert.Equal(["DependencyFailed", "WaitTimeout"], (await _engine.RunAsync("Invoke-VmDeployment $lab")).ErrorIds.Order());
        Assert.Equal("db", Assert.Single(_esxi.Vms).Name);
    }

    [Fact]
    public async Task A_network_is_the_same_by_id_and_in_other_case()
    {
        var id = (await _engine.MustRunAsync("Get-VmNetwork 'VM Network' -Session (Get-VmSession | Where-Object Kind -EQ Esxi)")).Single<VmNetwork>().Id;
        foreach (var network in new[] { id, "vm network" })
        {
            WriteSmall($"\"network\": \"{network}\", ");
            await _engine.MustRunAsync("Invoke-VmDeployment $lab");
            Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>(), network);
        }
    }

    [Fact]
    public async Task A_session_through_a_member_of_the_pool_serves_its_host()
    {
        await using var member = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Address = "127.0.0.2", HttpsPort = _xen.HttpsPort, MasterAddress = "127.0.0.1" });
        using var engine = Engine.Start();
        engine["lab"] = _engine["lab"];
        engine["login"] = Engine.Credential(_xen.UserName, _xen.Password);
        await File.WriteAllTextAsync((string)_engine["lab"]!, $$"""
            { "name": "pool", "hosts": { "xen1": { "server": "127.0.0.2", "port": {{_xen.HttpsPort}}, "kind": "xcp-ng" } }, "machines": { "web": { "ovf_path": "tinyVM.ova" } } }
            """);
        await engine.MustRunAsync($"Connect-Xapi 127.0.0.2 -Port {_xen.HttpsPort} -Credential $login -SkipCertificateCheck -WarningAction SilentlyContinue");
        Assert.Equal(nameof(MachineStatusKind.Missing), (await engine.MustRunAsync("Test-VmDeployment $lab")).Single<MachineStatus>().Status);
    }

    [Fact]
    public async Task What_is_ignored_is_said_once_although_a_machine_is_planned_twice()
    {
        await File.WriteAllTextAsync((string)_engine["lab"]!, $$"""
            { "name": "pool", {{Hosts}}, "machines": { "web": { "host": "xen1", "ovf_path": "tinyVM.ova", "folder": "lab" } } }
            """);
        var run = await _engine.MustRunAsync("Invoke-VmDeployment $lab");

        Assert.Single(run.Warnings, text => text.Contains("folder", StringComparison.Ordinal));
        Assert.Equal(nameof(MachineAction.Create), run.Single<MachineStatus>().Action);
    }

    [Fact]
    public async Task Two_hosts_of_the_file_may_be_one_and_nothing_is_pruned_for_it()
    {
        WriteSmall();
        using var engine = Engine.Start();
        engine["lab"] = _engine["lab"];
        engine["login"] = Engine.Credential(_esxi.UserName, _esxi.Password);
        var host = $"{{ \"server\": \"{_esxi.Server}\", \"port\": {_esxi.HttpsPort}, \"kind\": \"esxi\", \"thumbprint\": \"{_esxi.Thumbprint}\" }}";
        var json = await File.ReadAllTextAsync((string)_engine["lab"]!);
        json = json.Replace(json.Split('\n')[2], $"  \"hosts\": {{ \"esxi1\": {host}, \"again\": {host} }},", StringComparison.Ordinal).Replace("\"datastore\": \"datastore1\"", "\"datastore\": \"datastore1\", \"host\": \"esxi1\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync((string)_engine["lab"]!, json);
        await engine.MustRunAsync("Invoke-VmDeployment $lab -Credential $login");
        Assert.All((await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login")).All<MachineStatus>(), one => Assert.Equal(nameof(MachineStatusKind.AsWanted), one.Status));
        await engine.MustRunAsync("Invoke-VmDeployment $lab -Credential $login -Prune -Confirm:$false");
        Assert.Equal(["copy", "db", "web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task A_copy_that_somebody_else_made_carries_the_record_but_is_not_removed()
    {
        WriteSmall();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        _engine["record"] = _esxi.Vms.Single(vm => vm.Name == "web1").ExtraConfig["vmdeploy.deployment"];
        await _engine.MustRunAsync("""
            $esxi = Get-VmSession | Where-Object Kind -EQ Esxi
            New-VmClone web1 -Name web1-before-upgrade -Session $esxi | Set-VmInstance -ExtraConfig @{ 'vmdeploy.deployment' = $record }
            """);
        await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
        Assert.Equal("web1-before-upgrade", Assert.Single(_esxi.Vms).Name);
    }

    [Fact]
    public async Task An_ISO_beside_another_source_is_a_medium_and_is_inserted_at_once()
    {
        WriteSmall("\"overrides\": { \"web2\": { \"iso_path\": \"tiny.iso\" } }, ");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
        var drive = Assert.Single((await _engine.MustRunAsync("Get-VmCdrom web2 -Session (Get-VmSession | Where-Object Kind -EQ Esxi)")).All<VmCdrom>());
        Assert.EndsWith("tiny.iso", drive.Medium.Path, StringComparison.Ordinal);
        Assert.Equal(4 << 20, _esxi.Vms.Single(vm => vm.Name == "web2").Disks[0].CapacityBytes);
    }

    [Fact]
    public async Task An_ISO_is_replaced_in_its_drive_whatever_its_name()
    {
        var folder = Path.GetDirectoryName((string)_engine["lab"]!)!;
        File.Copy(Path.Combine(folder, "tiny.iso"), Path.Combine(folder, "my-cloud-init.iso"));
        foreach (var iso in new[] { "my-cloud-init.iso", "tiny.iso" })
        {
            WriteSmall($"\"overrides\": {{ \"web2\": {{ \"iso_path\": \"{iso}\" }} }}, ");
            await _engine.MustRunAsync("Invoke-VmDeployment $lab");
            var drive = Assert.Single((await _engine.MustRunAsync("Get-VmCdrom web2 -Session (Get-VmSession | Where-Object Kind -EQ Esxi)")).All<VmCdrom>());
            Assert.EndsWith(iso, drive.Medium.Path, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Linked_clones_and_their_source_are_removed_in_one_run()
    {
        await WriteLinkedAsync();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
        Assert.Empty(_esxi.Vms);
    }

    [Fact]
    public async Task A_machine_with_linked_clones_is_not_replaced_and_WhatIf_says_so()
    {
        await WriteLinkedAsync();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        await WriteLinkedAsync("\"firmware\": \"efi\", ");
        var before = _esxi.Vms.Select(vm => vm.Id).Order().ToList();
        foreach (var whatIf in new[] { "-WhatIf", "" })
        {
            var refused = await _engine.RunAsync($"Invoke-VmDeployment $lab -AllowReplace -Confirm:$false {whatIf}");
            Assert.Contains("copy", refused.Error("LinkedClonesDepend").Exception.Message, StringComparison.Ordinal);
            Assert.Equal(before, _esxi.Vms.Select(vm => vm.Id).Order());
        }
    }

    private async Task WriteLinkedAsync(string source = "")
    {
        WriteSmall();
        var json = await File.ReadAllTextAsync((string)_engine["lab"]!);
        await File.WriteAllTextAsync((string)_engine["lab"]!, json
            .Replace("\"source\": \"db\"", "\"source\": \"db\", \"linked\": true", StringComparison.Ordinal)
            .Replace("\"state\": \"running\"", "\"state\": \"stopped\"", StringComparison.Ordinal)
            .Replace("\"db\": { ", $"\"db\": {{ {source}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_host_in_the_file_moves_the_lab_there()
    {
        Move("esxi1", "datastore1");
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Assert.Equal(["web1", "web2"], _esxi.Vms.Select(vm => vm.Name).Order());
        Move("xen1", "Local storage");
        Assert.Equal([("web1", nameof(MachineStatusKind.Extra)), ("web1", nameof(MachineStatusKind.Missing)), ("web2", nameof(MachineStatusKind.Extra)), ("web2", nameof(MachineStatusKind.Missing))],
            (await _engine.MustRunAsync("Test-VmDeployment $lab")).All<MachineStatus>().Select(one => (one.Name, one.Status)).OrderBy(one => one.Name).ThenBy(one => one.Status.ToString()));
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.Empty(_esxi.Vms);
        Assert.Contains(_xen.Vms, vm => vm.Name == "web2");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());

        void Move(string host, string store) => File.WriteAllText((string)_engine["lab"]!,
            $"{{ \"name\": \"moving\", {Hosts}, \"variables\": {{ \"at\": \"{host}\", \"store\": \"{store}\" }}, \"machines\": {{ \"web\": {{ \"host\": \"{{at}}\", \"datastore\": \"{{store}}\", \"ovf_path\": \"tinyVM.ova\", \"count\": 2, \"state\": \"stopped\" }} }} }}");
    }

    [Fact]
    public async Task A_copy_of_a_machine_does_not_belong_to_the_deployment()
    {
        WriteSmall();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        await _engine.MustRunAsync("New-VmClone copy -Name mine -Session (Get-VmSession | Where-Object Kind -EQ Esxi)");
        Assert.DoesNotContain((await _engine.MustRunAsync("Test-VmDeployment $lab")).All<MachineStatus>(), one => one.Name == "mine");
        await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
        Assert.Equal("mine", Assert.Single(_esxi.Vms).Name);
    }

    [Fact]
    public async Task Two_runs_at_a_time_exclude_each_other_and_a_hashtable_serves_as_file()
    {
        WriteSmall();
        using var other = Engine.Start();
        await other.ConnectAsync(_esxi);
        other["lab"] = _engine["lab"];
        var first = _engine.Begin("Invoke-VmDeployment $lab");
        await ReachedAsync("ImportVApp");
        (await other.RunAsync("Invoke-VmDeployment $lab")).Error("DeploymentLocked");
        Assert.Empty((await first.ResultAsync()).Errors);
        var run = await other.MustRunAsync($$"""
            $small = @{ name = 'small'; hosts = @{ esxi1 = @{ server = '{{_esxi.Server}}'; port = {{_esxi.HttpsPort}}; kind = 'esxi' } }; machines = @{} }
            Test-VmDeployment -Deployment $small
            """);
        Assert.Equal(4, run.All<MachineStatus>().Count(one => one.Status == nameof(MachineStatusKind.Extra)));
    }

    [Fact]
    public async Task Logins_come_from_the_command_line_and_sessions_are_closed_again()
    {
        WriteSmall();
        using var engine = Engine.Start();
        engine["lab"] = _engine["lab"];
        (await engine.RunAsync("Test-VmDeployment $lab")).Error("CredentialMissing");
        engine["login"] = Engine.Credential(_esxi.UserName, _esxi.Password);
        var before = _esxi.OpenSessions;
        var json = (await File.ReadAllTextAsync((string)_engine["lab"]!)).Replace("\"kind\": \"esxi\"", $"\"kind\": \"esxi\", \"thumbprint\": \"{_esxi.Thumbprint}\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync((string)_engine["lab"]!, json);
        Assert.Equal(4, (await engine.MustRunAsync("Test-VmDeployment $lab -Credential @{ esxi1 = $login }")).Output.Count);
        Assert.Equal(4, (await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login")).Output.Count);
        Assert.Empty((await engine.MustRunAsync("Get-VmSession")).Output);
        Assert.Equal(before, _esxi.OpenSessions);
    }

    [Fact]
    public async Task An_exported_file_is_valid_and_describes_the_VMs()
    {
        WriteSmall();
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        _engine["out"] = Path.Combine(_folder.Path, "exported.json");
        await _engine.MustRunAsync("Get-VmInstance db, copy -Session (Get-VmSession | Where-Object Kind -EQ Esxi) | Export-VmDeployment -Path $out -DeploymentName other");
        Assert.Contains($"\"thumbprint\": \"{_esxi.Thumbprint}\"", await File.ReadAllTextAsync((string)_engine["out"]!), StringComparison.Ordinal);
        var statuses = (await _engine.MustRunAsync("Test-VmDeployment $out")).All<MachineStatus>();
        Assert.Equal([("copy", nameof(MachineStatusKind.Taken)), ("db", nameof(MachineStatusKind.Taken))], statuses.Select(one => (one.Name, one.Status)).Order());
        (await _engine.RunAsync("Export-VmDeployment db $out -Session (Get-VmSession | Where-Object Kind -EQ Esxi)")).Error("LocalFileExists");
    }

    [Theory]
    [InlineData("""{ "name": "x", "hosts": { "h": { "server": "a", "kind": "esx" } }, "machines": {} }""", "Line 1, hosts.h.kind")]
    [InlineData("{\n \"name\": \"x\",\n \"hosts\": { \"h\": { \"server\": \"a\", \"kind\": \"esxi\" } },\n \"machines\": { \"m\": { \"ovf_path\": \"a.ova\", \"cpuu\": 1 } } }", "Line 4, machines.m.cpuu: 'cpuu' is not known. Did you mean 'cpu'?")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "ovf_path": "a.ova", "memory": "much" } } }""", "machines.m.memory")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "memory": 64 } } }""", "The machine needs one of")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "count": 2, "name_pattern": "a" } } }""", "needs {n}")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "host": "g" } } }""", "'g' is not under 'hosts'.")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "depends_on": "dbb" }, "db": { "template": "t" } } }""", "machines.m.depends_on: 'dbb' is not under 'machines'. Did you mean 'db'?")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "depends_on": "db" }, "db": { "template": "t", "state": "absent" } } }""", "machines.m.depends_on: 'db' should be absent.")]
    [InlineData("""{ "name": "x", "hosts": { "h": {} }, "machines": {} }""", "The host needs a kind")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } } }""", "A deployment needs machines under 'machines'")]
    [InlineData("""{ "name": "x", "variables": { "store": "a" }, "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "datastore": "{stroe}" } } }""", "'{stroe}' is not under 'variables'. Did you mean 'store'?")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "num_instances": 2 } } }""", "machines.m.num_instances: 'num_instances' is not a key of deployments; use count.")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "extra_config": { "vmdeploy.deployment": "y" } } } }""", "'vmdeploy.deployment' is the deployment's own record")]
    [InlineData("""{ "name": "x", "variables": { "n": "1" }, "hosts": { "h": { "kind": "esxi" } }, "machines": {} }""", "variables.n: '{n}' stands for something of each machine")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "source": [] } } }""", "machines.m")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "source": ["a", "b"] } } }""", "'source' takes the name of one VM, not 2.")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": null } } }""", "The machine needs one of")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "state": "stopped", "wait_for": "tools" } } }""", "machines.m.wait_for: 'Tools' does not come true for a machine whose state is stopped.")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "count": 2, "overrides": { "m1": { "count": 3 } } } } }""", "machines.m.overrides.m1.count: 'count' is for the whole entry.")]
    [InlineData("""{ "name": "x", "defaults": { "linkd": true }, "hosts": { "h": { "kind": "esxi" } }, "machines": {} }""", "defaults.linkd: 'linkd' is not known. Did you mean 'linked'?")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "mac_address": "xx" } } }""", "machines.m")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "annotation": { "a": 1 } } } }""", "machines.m.annotation: A text is required, and a map was given.")]
    [InlineData("""{ "name": "x", "hosts": { "h": { "kind": "esxi" } }, "machines": { "m": { "template": "t", "annotation": [1, 2] } } }""", "machines.m.annotation: A text is required, and a list was given.")]
    [InlineData("""{ "name": "x", "hosts": {""", "is not valid JSON")]
    public async Task A_wrong_file_is_told_with_its_place(string json, string words)
    {
        await File.WriteAllTextAsync((string)_engine["lab"]!, json);
        Assert.Contains(words, (await _engine.RunAsync("Test-VmDeployment $lab")).Error("DeploymentFileInvalid").Exception.Message, StringComparison.Ordinal);
    }

    private async Task ReachedAsync(string method)
    {
        while (!_esxi.Requests.Any(request => request.Method == method))
            await Task.Delay(10);
    }

    // What the host takes longer for than the prompt waits ends in the background.
    private async Task SettledAsync()
    {
        var session = (await _engine.MustRunAsync("Get-VmSession | Where-Object Kind -EQ Esxi")).Single<VmSession>();
        while (session.Unfinished.Items.Count > 0)
            await Task.Delay(10);
    }

    private static bool IsWrite(string method) => !(method.StartsWith("Retrieve", StringComparison.Ordinal) || method.StartsWith("Continue", StringComparison.Ordinal) || method.StartsWith("CreateContainerView", StringComparison.Ordinal)
        || method.StartsWith("Destroy", StringComparison.Ordinal) || method.StartsWith("Query", StringComparison.Ordinal) || method is "Login" or "Logout" or "CurrentTime" or "CreatePropertyCollector" or "CreateFilter" or "WaitForUpdatesEx");

    private static bool IsXenWrite(string method) => !(method.Contains(".get_", StringComparison.Ordinal) || method.StartsWith("session.", StringComparison.Ordinal) || method.StartsWith("event.", StringComparison.Ordinal) || method.StartsWith("host.", StringComparison.Ordinal));

    private void WriteSmall(string more = "") => File.WriteAllText((string)_engine["lab"]!, $$"""
        {
          "name": "small",
          "hosts": { "esxi1": { "server": "{{_esxi.Server}}", "port": {{_esxi.HttpsPort}}, "kind": "esxi" } },
          "defaults": { "datastore": "datastore1" },
          "machines": {
            "db": { "ovf_path": "tinyVM.ova", "state": "running" },
            "web": { "ovf_path": "tinyVM.ova", "count": 2, {{more}}"depends_on": "db", "state": "stopped" },
            "copy": { "source": "db", "state": "stopped" }
          }
        }
        """);

    private void Write(int webCpus, string iso, double? appDisk = null, bool withTemplate = true) => File.WriteAllText((string)_engine["lab"]!, $$"""
        {
          // A lab on three hosts.
          "name": "lab",
          "variables": { "store": "datastore1" },
        {{Hosts}},
          "machines": {
            "web": { "host": "esxi1", "ovf_path": "tinyVM.ova", "count": 3, "cpu": {{webCpus}}, "datastore": "{store}", "state": "running" },
            "copy": { "host": "esxi1", "source": "web1", "datastore": "{store}", "state": "stopped" },
            "boot": { "host": "esxi1", "iso_path": "{{iso}}", "memory": 64, "disk": 1, "datastore": "{store}", "state": "stopped" },
            "vc-web": { "host": "vc1", "ovf_path": "tinyVM.ova", "annotation": "of the lab", "datastore": "{store}", "state": "running" },
            "app": { "host": "xen1", "ovf_path": "tinyVM.ova", "depends_on": "db", "state": "stopped"{{(appDisk is null ? "" : FormattableString.Invariant($", \"disk\": {appDisk}"))}} },
            "db": { "host": "xen1", "ovf_path": "tinyVM.ova", "state": "running" },
            "xencopy": { "host": "xen1", "source": "app", "state": "stopped" }{{(withTemplate ? """
        ,
            "tpl": { "host": "xen1", "template": "alpine-template", "cpu": 1, "user_data": { "hostname": "{name}" }, "state": "present" }
        """ : "")}}
          }
        }
        """);
}

using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>A process that is killed while it makes a machine of a deployment, so that nothing is rolled back.</summary>
public sealed class KilledDeploymentTests : IDisposable
{
    private static readonly TimeSpan s_longer = TimeSpan.FromMinutes(5);

    private readonly TempFolder _folder = new();

    private string Lab => Path.Combine(_folder.Path, "lab.json");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(EsxiMode.Esxi, "HttpNfcLeaseComplete", "\"ovf_path\": \"tinyVM.ova\"")]
    [InlineData(EsxiMode.Esxi, "CreateVM_Task", "\"iso_path\": \"tiny.iso\", \"memory\": 64, \"disk\": 1")]
    [InlineData(EsxiMode.Esxi, "CreateVM_Task", "\"source\": \"src\"")]
    [InlineData(EsxiMode.VCenter, "HttpNfcLeaseComplete", "\"ovf_path\": \"tinyVM.ova\"")]
    [InlineData(EsxiMode.VCenter, "CloneVM_Task", "\"source\": \"src\"")]
    public async Task Its_machine_is_known_again_on_vSphere(EsxiMode mode, string call, string source)
    {
        await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using (var other = Engine.Start())
        {
            await other.ConnectAsync(host);
            other["ova"] = Repository.Path("examples/tinyVM.ova");
            await other.MustRunAsync("Import-VmOva $ova -Name src -Datastore datastore1");
        }
        Write(host.Server, host.HttpsPort, host.Thumbprint, mode == EsxiMode.Esxi ? "esxi" : "vcenter", source + ", \"datastore\": \"datastore1\"");
        host.Faults.DelayReply(call, s_longer);
        await KillAsync(host.UserName, host.Password, () => host.Vms.Any(vm => vm.Name == "web") && host.Requests.Last(request => request.Method != "HttpNfcLeaseProgress").Method == call);
        host.Faults.Clear();

        using var engine = Engine.Start();
        engine["lab"] = Lab;
        engine["login"] = Engine.Credential(host.UserName, host.Password);
        var status = (await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login")).Single<MachineStatus>();
        Assert.Equal((MachineStatusKind.Different, "unfinished"), (status.Kind, Assert.Single(status.Differences).ToString()));
        Assert.Contains("web was not finished by the run that began it", (await engine.RunAsync("Invoke-VmDeployment $lab -Credential $login")).Error("ReplaceNotAllowed").Exception.Message, StringComparison.Ordinal);
        await engine.MustRunAsync("Invoke-VmDeployment $lab -Credential $login -AllowReplace -Confirm:$false");
        Assert.True((await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login -Quiet")).Single<bool>());
        Assert.Equal(["src", "web"], host.Vms.Select(vm => vm.Name).Order());
    }

    // Under a temporary name the VM does not take the machine's.
    [Theory]
    [InlineData("VDI.create", "\"ovf_path\": \"tinyVM.ova\"", MachineStatusKind.Extra)]
    [InlineData("VM.set_name_label", "\"ovf_path\": \"tinyVM.ova\"", MachineStatusKind.Different)]
    [InlineData("VM.set_name_label", "\"template\": \"alpine-template\"", MachineStatusKind.Different)]
    public async Task Its_machine_is_known_again_on_XenServer(string call, string source, MachineStatusKind status)
    {
        await using var host = await XapiSimulator.StartAsync();
        Write(host.Server, host.HttpsPort, host.Thumbprint, "xenserver", source);
        host.Faults.DelayReply(call, s_longer);
        await KillAsync(host.UserName, host.Password, () => host.Calls.Any(one => one.Method == call) && host.Vms.Any());
        host.Faults.Clear();

        using var engine = Engine.Start();
        engine["lab"] = Lab;
        engine["login"] = Engine.Credential(host.UserName, host.Password);
        Assert.Contains(status, (await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login")).All<MachineStatus>().Select(one => one.Kind));
        await engine.MustRunAsync("Invoke-VmDeployment $lab -Credential $login -AllowReplace -Prune -Confirm:$false");
        Assert.True((await engine.MustRunAsync("Test-VmDeployment $lab -Credential $login -Quiet")).Single<bool>());
        Assert.Equal(["web"], host.Vms.Select(vm => vm.Name));
    }

    // A copy by another tool has the record of its source, and the run of another account may still be going on.
    [Theory]
    [InlineData("deployment=killed;machine=web", false)]
    [InlineData("deployment=killed;machine=web;begun={me}", false)]
    [InlineData("deployment=killed;machine=web;vm=0a1b2c3d-0000-0000-0000-000000000000;begun={me}", false)]
    [InlineData("deployment=killed;machine=web;vm=0a1b2c3d-0000-0000-0000-000000000000;begun=somebody@elsewhere/1", false)]
    [InlineData("deployment=killed;machine=web;vm={vm};begun=somebody@elsewhere/1", true)]
    public async Task What_it_or_another_run_has_not_begun_is_left_alone(string record, bool isBegun)
    {
        await using var host = await XapiSimulator.StartAsync();
        Write(host.Server, host.HttpsPort, host.Thumbprint, "xenserver", "\"ovf_path\": \"tinyVM.ova\"");
        using var engine = Engine.Start();
        (engine["lab"], engine["ova"]) = (Lab, Path.Combine(_folder.Path, "tinyVM.ova"));
        await engine.ConnectAsync(host);
        var vm = (await engine.MustRunAsync("Import-VmOva $ova -Name 'customer database'")).Single<Vm>();
        engine["record"] = record.Replace("{me}", RunIdentity.Runner, StringComparison.Ordinal).Replace("{vm}", vm.Uuid, StringComparison.Ordinal);
        await engine.MustRunAsync("Set-VmInstance 'customer database' -ExtraConfig @{ 'other-config:vmdeploy-deployment' = $record }");

        Assert.Equal("web", (await engine.MustRunAsync("Test-VmDeployment $lab")).Single<MachineStatus>().Name);
        await engine.MustRunAsync("Invoke-VmDeployment $lab -AllowReplace -Prune -Confirm:$false; Remove-VmDeployment $lab -Confirm:$false");
        Assert.Equal("customer database", Assert.Single(host.Vms).Name);

        await engine.MustRunAsync("Set-VmInstance 'customer database' -NewName web");
        var refusal = (await engine.RunAsync("Invoke-VmDeployment $lab -AllowReplace -Prune -Confirm:$false")).Error("VmNotOfDeployment");
        Assert.Equal(isBegun, refusal.Exception.Message.Contains("was begun by somebody@elsewhere, whose run", StringComparison.Ordinal));
        Assert.Equal(isBegun, refusal.ErrorDetails.RecommendedAction.StartsWith("Wait until that run has ended.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_copy_of_a_VM_that_is_begun_on_vSphere_is_left_alone()
    {
        await using var host = await EsxiSimulator.StartAsync();
        Write(host.Server, host.HttpsPort, host.Thumbprint, "esxi", "\"ovf_path\": \"tinyVM.ova\"");
        using var engine = Engine.Start();
        (engine["lab"], engine["ova"]) = (Lab, Path.Combine(_folder.Path, "tinyVM.ova"));
        await engine.ConnectAsync(host);
        await engine.MustRunAsync("Import-VmOva $ova -Name web -Datastore datastore1");
        engine["record"] = $"deployment=killed;machine=web;vm=0a1b2c3d-0000-0000-0000-000000000000;begun={Uri.EscapeDataString(RunIdentity.Runner)}";
        await engine.MustRunAsync("Set-VmInstance web -ExtraConfig @{ 'vmdeploy.deployment' = $record }");

        (await engine.RunAsync("Invoke-VmDeployment $lab -AllowReplace -Prune -Confirm:$false")).Error("VmNotOfDeployment");
        Assert.Equal("web", (await engine.MustRunAsync("Get-VmInstance")).Single<Vm>().Name);
    }

    [Fact]
    public void Runs_that_begin_at_once_have_one_id()
    {
        for (var i = 0; i < 50; i++)
        {
            var folder = Path.Combine(_folder.Path, $"{i}");
            using var start = new Barrier(4);
            var ids = new string[4];
            var runs = ids.Select((_, n) => new Thread(() => { start.SignalAndWait(); ids[n] = RunIdentity.IdOf(folder); })).ToList();
            runs.ForEach(run => run.Start());
            runs.ForEach(run => run.Join());
            Assert.Single(ids.Distinct());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0a1b2c3d")]
    public void A_folder_of_locks_has_one_id_whatever_a_killed_run_has_left_in_it(string? left)
    {
        if (left is not null)
            _folder.Write("id", System.Text.Encoding.ASCII.GetBytes(left));

        var id = RunIdentity.IdOf(_folder.Path);

        Assert.Equal(id, RunIdentity.IdOf(_folder.Path));
        Assert.Equal(["id"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        Assert.NotEqual(id, RunIdentity.IdOf(Path.Combine(_folder.Path, "another")));
    }

    private void Write(string server, int port, string thumbprint, string kind, string machine)
    {
        File.Copy(Repository.Path("examples/tinyVM.ova"), Path.Combine(_folder.Path, "tinyVM.ova"));
        File.Copy(Repository.Path("examples/tiny.iso"), Path.Combine(_folder.Path, "tiny.iso"));
        File.WriteAllText(Lab, $$"""
            {
              "name": "killed",
              "hosts": { "host": { "server": "{{server}}", "port": {{port}}, "thumbprint": "{{thumbprint}}", "kind": "{{kind}}" } },
              "machines": { "web": { {{machine}}, "state": "stopped" } }
            }
            """);
    }

    private async Task KillAsync(string user, string password, Func<bool> isReached)
    {
        using var process = EngineScript.Start($"""
            Import-Module '{Repository.Path("out/VmDeploy")}'
            $login = [pscredential]::new('{user}', [System.Net.NetworkCredential]::new('', '{password}').SecurePassword)
            Invoke-VmDeployment '{Lab}' -Credential $login
            """);
        while (!isReached())
        {
            Assert.False(process.HasExited, "The run has ended: " + (process.HasExited ? await process.StandardOutput.ReadToEndAsync() : ""));
            await Task.Delay(10);
        }
        process.Kill();
        await process.WaitForExitAsync();
    }
}

using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>A lab of ten machines on a vCenter of another project, with two datacenters and their clusters.</summary>
public sealed class DeploymentOnVcSimTests : IDisposable
{
    private readonly Engine _engine = Engine.Start();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _engine.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public async Task A_lab_is_made_kept_changed_pruned_and_removed()
    {
        await using var vcsim = await VcSim.StartAsync(vcenter: true, datacenters: 2);
        _engine["lab"] = Path.Combine(_folder.Path, "lab.json");
        _engine["login"] = Engine.Credential("user", "pass");
        File.Copy(Repository.Path("examples/tinyVM.ova"), Path.Combine(_folder.Path, "tinyVM.ova"));
        File.Copy(Repository.Path("examples/tiny.iso"), Path.Combine(_folder.Path, "tiny.iso"));
        await _engine.MustRunAsync($"Connect-Esxi {vcsim.Url.Host} -Port {vcsim.Url.Port} -Credential $login -SkipCertificateCheck -WarningAction SilentlyContinue");
        var before = await NamesAsync();

        Write(vcsim, webCpus: 1, far: 3);
        Assert.Equal(10, (await _engine.MustRunAsync("Test-VmDeployment $lab | Where-Object Status -EQ Missing")).Output.Count);
        var made = (await _engine.MustRunAsync("Invoke-VmDeployment $lab")).All<MachineStatus>();
        Assert.Equal(10, made.Count(one => one is { Action: nameof(MachineAction.Create), Status: nameof(MachineStatusKind.AsWanted) }));
        Assert.Equal(["DC1", "DC1", "DC1"], made.Where(one => one.Name.StartsWith("far", StringComparison.Ordinal)).Select(one => one.Vm!.Datacenter));
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
        Assert.All((await _engine.MustRunAsync("Invoke-VmDeployment $lab")).All<MachineStatus>(), one => Assert.Equal(nameof(MachineAction.None), one.Action));

        // What changes in the file, and what is destroyed behind our back.
        Write(vcsim, webCpus: 2, far: 2);
        await _engine.MustRunAsync("Remove-VmInstance app -Force -Confirm:$false");
        var different = (await _engine.MustRunAsync("Test-VmDeployment $lab | Where-Object Status -NE AsWanted")).All<MachineStatus>();
        Assert.Equal([("app", nameof(MachineStatusKind.Missing)), ("far3", nameof(MachineStatusKind.Extra)), ("web1", nameof(MachineStatusKind.Different)), ("web2", nameof(MachineStatusKind.Different)), ("web3", nameof(MachineStatusKind.Different))],
            different.Select(one => (one.Name, one.Status)).Order());
        await _engine.MustRunAsync("Invoke-VmDeployment $lab");
        Assert.Contains("far3", await NamesAsync());
        await _engine.MustRunAsync("Invoke-VmDeployment $lab -Prune -Confirm:$false");
        Assert.True((await _engine.MustRunAsync("Test-VmDeployment $lab -Quiet")).Single<bool>());
        await _engine.MustRunAsync("Remove-VmDeployment $lab -Confirm:$false");
        Assert.Equal(before, await NamesAsync());
    }

    private async Task<string[]> NamesAsync() => (await _engine.MustRunAsync("Get-VmInstance")).All<Vm>().Select(vm => vm.Name).Order().ToArray();

    private void Write(VcSim vcsim, int webCpus, int far) => File.WriteAllText((string)_engine["lab"]!, $$"""
        {
          "name": "vclab",
          "hosts": { "vc": { "server": "{{vcsim.Url.Host}}", "port": {{vcsim.Url.Port}}, "kind": "vcenter" } },
          "defaults": { "ovf_path": "tinyVM.ova", "datacenter": "ha-datacenter", "host_name": "DC0_C0", "datastore": "LocalDS_0", "state": "stopped" },
          "machines": {
            "web": { "count": 3, "cpu": {{webCpus}} },
            "db": { "host_name": "localhost.localdomain", "state": "running" },
            "copy": { "source": "db", "host_name": "localhost.localdomain" },
            "boot": { "ovf_path": null, "iso_path": "tiny.iso", "memory": 64, "disk": 1 },
            "app": { "depends_on": ["db", "web"] },
            "far": { "count": {{far}}, "datacenter": "DC1", "host_name": "DC1_C0" }
          }
        }
        """);
}

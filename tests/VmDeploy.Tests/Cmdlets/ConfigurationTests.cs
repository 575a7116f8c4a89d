using System.Management.Automation;
using System.Text.Json;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>The JSON files of examples/configs, unchanged, through the pipeline.</summary>
public sealed class ConfigurationTests
{
    [Theory]
    [InlineData("config_question7.json", "Import-VmOva")]
    [InlineData("config_question8.json", "Import-VmOva")]
    [InlineData("config_question8.json", "New-VmClone")]
    [InlineData("config_question9.json", "New-VmFromIso")]
    [InlineData("cloud_init.json", "Import-VmOva")]
    [InlineData("vm_deploy.json", "New-VmFromTemplate")]
    public async Task Every_key_binds_by_name_or_alias(string file, string command)
    {
        using var engine = Engine.Start();
        var info = (await engine.MustRunAsync($"Get-Command {command}")).Single<CommandInfo>();
        var bindable = info.ParameterSets.SelectMany(set => set.Parameters).Where(parameter => parameter.ValueFromPipelineByPropertyName)
            .SelectMany(parameter => parameter.Aliases.Append(parameter.Name)).ToHashSet(System.StringComparer.OrdinalIgnoreCase);
        using var job = JsonDocument.Parse(File.ReadAllText(Repository.Path("examples/configs/" + file)));

        // One file for two cmdlets: each ignores the keys of the other.
        string[] others = command switch { "Import-VmOva" => ["num_clones"], "New-VmClone" => ["ovf_path", "num_instances"], "New-VmFromTemplate" => ["os_type"], _ => [] };
        Assert.All(job.RootElement.EnumerateObject().Select(key => key.Name).Except(others), key => Assert.Contains(key, bindable));
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task Imports_clones_and_new_VMs_are_made_as_the_files_say(EsxiMode mode)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine.Runspace.SessionStateProxy.Path.SetLocation(Repository.Path("examples"));

        await engine.MustRunAsync("Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva");
        await engine.MustRunAsync("Get-Content configs/config_question8.json | ConvertFrom-Json | New-VmClone");
        await engine.MustRunAsync("Send-VmDatastoreFile tiny.iso datastore1 iso/; Get-Content configs/config_question9.json | ConvertFrom-Json | New-VmFromIso");

        Assert.Equal(
            ["scratch1", "tinyVM1", "tinyVM2", "tinyVM3", "tinyVM_clone1", "tinyVM_clone2", "tinyVM_clone3", "tinyVM_clone4"],
            simulator.Vms.Select(vm => vm.Name).Order(System.StringComparer.Ordinal));
        Assert.Equal("[datastore1] iso/tiny.iso", Assert.Single(simulator.Vms.Single(vm => vm.Name == "scratch1").Cdroms).Iso);
    }

    // The commands of the README.
    [Fact]
    public async Task The_files_work_on_a_XenServer_with_its_places_typed()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine.Runspace.SessionStateProxy.Path.SetLocation(Repository.Path("examples"));

        await engine.MustRunAsync("""
            $job = Get-Content configs/config_question7.json | ConvertFrom-Json
            $job | Import-VmOva -Datastore 'Local storage' -HostName xenserver-sim
            $job = Get-Content configs/config_question8.json | ConvertFrom-Json
            $job | New-VmClone -Datastore 'Local storage'
            $job = Get-Content configs/config_question9.json | ConvertFrom-Json
            $job | New-VmFromIso -IsoPath '[ISO library] tiny.iso' -Datastore 'Local storage'
            """);
        Assert.Superset(
            new HashSet<string> { "scratch1", "tinyVM1", "tinyVM2", "tinyVM3", "tinyVM_clone1", "tinyVM_clone2", "tinyVM_clone3", "tinyVM_clone4" },
            simulator.Vms.Select(vm => vm.Name).ToHashSet());
    }

    [Fact]
    public async Task A_VM_is_made_from_a_template_on_a_XenServer_as_the_file_says()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["path"] = Repository.Path("examples/configs/vm_deploy.json");

        await engine.MustRunAsync("Get-Content $path | ConvertFrom-Json | New-VmFromTemplate -UserData @{ hostname = 'x' }");

        var vm = Assert.Single(simulator.Vms, vm => vm.Name == "test-vm-01");
        Assert.Equal(2, vm.Cpus.AtStartup);
        Assert.Equal(2048L << 20, vm.Memory[^1]);
        Assert.Equal(20L << 30, vm.Drives.First(drive => drive.Type == "Disk").VirtualSize);
    }

    [Fact]
    public async Task An_array_of_jobs_is_a_pipeline_and_a_bad_one_stops_no_other()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");

        var run = await engine.RunAsync("""
            [pscustomobject]@{ ovf_path = $ova; vm_name_prefix = 'a'; num_instances = 1; datastore = 'datastore1' },
            [pscustomobject]@{ ovf_path = $ova; vm_name_prefix = 'b'; num_instances = 1; datastore = 'nowhere' },
            [pscustomobject]@{ ovf_path = $ova; vm_name_prefix = 'c'; num_instances = 1; datastore = 'datastore1' } | Import-VmOva
            """);

        Assert.Equal(["a1", "c1"], run.All<Vm>().Select(vm => vm.Name));
        var error = run.Error("DatastoreNotFound");
        Assert.Equal("nowhere", error.TargetObject);
        Assert.Contains("'datastore1'", error.Exception.Message);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails.RecommendedAction));
    }
}

using System.Management.Automation;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Objects from JSON and CSV files in the pipeline: how they bind, and what is refused.</summary>
public sealed class JobFileTests : IAsyncLifetime
{
    private EsxiSimulator _simulator = null!;
    private Engine _engine = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        _engine = Engine.Start();
        await _engine.ConnectAsync(_simulator);
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("num_instances = 2.5", "2.5")]
    [InlineData("num_instances = 2.7", "2.7")]
    [InlineData("num_instances = $true", "True")]
    [InlineData("num_instances = 'three'", "three")]
    [InlineData("num_instances = 0", "0")]
    [InlineData("num_instances = 1001", "1001")]
    [InlineData("existing_vm = 2", "2")]
    [InlineData("existing_vm = 'Fail,Reuse'", "Fail,Reuse")]
    [InlineData("disk_provisioning = 'Thin,Thick'", "Thin,Thick")]
    [InlineData("disk_provisioning = 1", "1")]
    [InlineData("power_on = 'maybe'", "maybe")]
    [InlineData("power_on = 1", "1")]
    public async Task A_value_that_is_not_what_the_key_means_is_refused_and_nothing_is_made(string entry, string named)
    {
        var run = await _engine.RunAsync($"[pscustomobject]@{{ ovf_path = $ova; name_prefix = 'v'; {entry} }} | Import-VmOva -Datastore datastore1");

        Assert.Contains($"'{named}' is not ", Assert.Single(run.Errors).Exception.Message);
        Assert.Empty(_simulator.Vms);
    }

    [Theory]
    [InlineData("num_instances = 2.0; name_prefix = 'v'", "v1,v2")]
    [InlineData("num_instances = '2'; name_prefix = 'v'", "v1,v2")]
    [InlineData("name = 'web1'; num_instances = 1", "web1")]
    [InlineData("Name = 'web1'; Count = '1'", "web1")]
    [InlineData("name = $null; name_prefix = 'v'", "v1")]
    [InlineData("name = ''; name_prefix = 'v'; num_instances = '2'", "v1,v2")]
    [InlineData("name = 'web1'; name_prefix = $null; num_instances = $null", "web1")]
    [InlineData("name = 'web1'; name_prefix = ''; datacenter = ''; host_name = ''; folder = ''; resource_pool = ''", "web1")]
    [InlineData("name = 'web1'; existing_vm = ''; disk_provisioning = ''; power_on = ''; timeout_sec = ''; network = ''; ovf_properties = ''", "web1")]
    [InlineData("name = 'web1'; power_on = 'false'; accept_eula = 'TRUE'", "web1")]
    public async Task Empty_cells_and_nulls_count_as_absent_and_texts_of_a_table_are_read_as_what_they_mean(string entries, string made)
    {
        await _engine.MustRunAsync($"[pscustomobject]@{{ ovf_path = $ova; {entries} }} | Import-VmOva -Datastore datastore1");

        Assert.Equal(made.Split(','), _simulator.Vms.Select(vm => vm.Name).Order());
        Assert.All(_simulator.Vms, vm => Assert.Equal("poweredOff", vm.PowerState));
    }

    [Theory]
    [InlineData("name = 'web1'; num_instances = 3")]
    [InlineData("name = 'web1'; vm_name_prefix = 'v'")]
    public async Task Exact_names_and_names_made_of_a_prefix_exclude_each_other(string entries)
    {
        var run = await _engine.RunAsync($"[pscustomobject]@{{ ovf_path = $ova; {entries} }} | Import-VmOva -Datastore datastore1");

        run.Error("NameInvalid");
        Assert.Empty(_simulator.Vms);
    }

    [Fact]
    public async Task What_is_typed_wins_over_what_the_file_says()
    {
        await _engine.MustRunAsync("[pscustomobject]@{ ovf_path = $ova; vm_name_prefix = 'v'; num_instances = 3 } | Import-VmOva -Datastore datastore1 -Name typed");
        Assert.Equal(["typed"], _simulator.Vms.Select(vm => vm.Name));

        await _engine.MustRunAsync("[pscustomobject]@{ ovf_path = $ova; name = 'filed' } | Import-VmOva -Datastore datastore1 -NamePrefix p -Count 2");
        Assert.Equal(["p1", "p2", "typed"], _simulator.Vms.Select(vm => vm.Name).Order());
    }

    [Theory]
    [InlineData("cpus", "cpu")]
    [InlineData("vm_name", "name")]
    [InlineData("num_instance", "num_instances")]
    [InlineData("memmory", "memory")]
    public async Task A_key_that_no_cmdlet_knows_is_a_warning_with_the_nearest_one_and_an_error_with_StrictKeys(string key, string nearest)
    {
        var job = $"[pscustomobject]@{{ iso_path = '[datastore1] iso/tiny.iso'; name_prefix = 'v'; datastore = 'datastore1'; {key} = 2 }}";

        var warned = await _engine.RunAsync($"{job} | New-VmFromIso -WhatIf");
        Assert.Contains(warned.Warnings, text => text.Contains($"'{key}'") && text.Contains($"'{nearest}'"));

        var refused = await _engine.RunAsync($"{job} | New-VmFromIso -StrictKeys");
        Assert.Contains($"'{nearest}'", refused.Error("PipelineValueInvalid").Exception.Message);
        Assert.Empty(_simulator.Vms);
    }

    [Fact]
    public async Task Keys_of_other_cmdlets_and_comments_are_no_mistakes()
    {
        var run = await _engine.MustRunAsync(
            "[pscustomobject]@{ ovf_path = $ova; name = 'web1'; num_clones = 4; os_type = 'alpine'; _note = 'x'; '$schema' = 'y' } | Import-VmOva -Datastore datastore1 -StrictKeys -WhatIf");

        Assert.Empty(run.Warnings);
    }

    [Fact]
    public async Task Every_key_of_hardware_reaches_the_VM()
    {
        await _engine.MustRunAsync("""
            [pscustomobject]@{ iso_path = $iso; name = 'big'; datastore = 'datastore1'; cpu_count = 2; memory_mb = '2048'; disk_gb = @(1, '2.5')
                secure_boot = 'true'; firmware = 'efi'; nic_model = 'e1000e'; disk_controller = 'paravirtual'; guest_id = 'otherLinux64Guest' } | New-VmFromIso
            """);

        var vm = await VmAsync("big");
        Assert.Equal((2, 2048L), (vm.CpuCount, vm.MemoryMB));
        Assert.Equal([1L << 30, (1L << 30) * 5 / 2], vm.Disks.Select(disk => disk.CapacityBytes));
    }

    [Fact]
    public async Task Every_parameter_that_a_file_can_set_has_a_key_in_lower_case()
    {
        var run = await _engine.RunAsync("(Get-Command -Module VmDeploy).Where({ $_.Name -match '^(Import|New)-' })");
        foreach (var command in run.All<CmdletInfo>())
        {
            var fromFile = command.Parameters.Values.Where(parameter => parameter.ParameterSets.Values.Any(set => set.ValueFromPipelineByPropertyName));
            Assert.All(fromFile, parameter => Assert.True(
                !parameter.Name.Skip(1).Any(char.IsUpper) || parameter.Aliases.Any(alias => alias.Contains('_')),
                $"{command.Name} -{parameter.Name} has no key"));
        }
    }

    [Fact]
    public async Task A_SecureString_reaches_the_guest_as_its_text_and_what_is_no_value_is_refused()
    {
        _engine["secret"] = Engine.Secret("pass word");
        _engine["credential"] = Engine.Credential("u", "p");
        await _engine.MustRunAsync("Get-VmOva $ova | Out-Null");

        foreach (var value in new[] { "$credential", "@{ a = 1 }", "@(1, 2)", "(Get-VmSession)" })
        {
            var refused = await _engine.RunAsync($"Import-VmOva $ova -Name web1 -Property @{{ password = {value} }}");
            Assert.Contains("'password'", Assert.Single(refused.Errors).Exception.Message);
        }
        Assert.Equal("pass word", Parameters("$secret"));
        Assert.Equal("true", Parameters("$true"));

        string Parameters(string value)
        {
            var map = new VmDeploy.PowerShell.MapTransformationAttribute();
            var given = _engine.RunAsync($"@{{ password = {value} }}").GetAwaiter().GetResult().Values;
            return (string)((System.Collections.Hashtable)map.Transform(null!, Assert.Single(given))!)["password"]!;
        }
    }

    private async Task<Vm> VmAsync(string name) => (await _engine.MustRunAsync($"Get-VmInstance {name}")).Single<Vm>();
}

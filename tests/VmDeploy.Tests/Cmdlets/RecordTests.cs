using System.Diagnostics;
using System.Management.Automation;
using System.Reflection;
using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>What comes down the pipeline is never misread in silence: records with unknown keys, hashtables, texts, files and objects.</summary>
public sealed class RecordTests : IAsyncLifetime
{
    private EsxiSimulator _simulator = null!;
    private Engine _engine = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        _engine = Engine.Start();
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await _engine.ConnectAsync(_simulator);
        await _engine.MustRunAsync("$null = Import-VmOva $ova -Name web1 -Datastore datastore1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("[pscustomobject]@{ name = 'web1'; nam = 1 } | Start-VmInstance -StrictKeys", "PipelineValueInvalid", "Did you mean 'name'?")]
    [InlineData("[pscustomobject]@{ memory = 512 } | Get-VmInstance -StrictKeys", "PipelineValueInvalid", "none of its keys is read")]
    [InlineData("[pscustomobject]@{ name = 'web1'; Sesion = $session } | Start-VmInstance -StrictKeys", "PipelineValueInvalid", "The key 'Sesion' is not known.")]
    [InlineData("Set-VmDisk web1 -Label '' -SizeGB 2", "NameInvalid", "An empty name was given")]
    [InlineData("Set-VmDisk web1 -Label @() -SizeGB 2", "NameInvalid", "An empty name was given")]
    [InlineData("Set-VmDisk web1 -Label 'Hard disk 1', '' -SizeGB 2", "NameInvalid", "An empty name was given")]
    [InlineData("Remove-VmNetworkAdapter web1 -Label @() -Confirm:$false", "NameInvalid", "An empty name was given")]
    [InlineData("[pscustomobject]@{ vm = 'web1'; label = @() } | Remove-VmNetworkAdapter -Confirm:$false", "PipelineValueInvalid", "would name nothing")]
    [InlineData("Add-VmCdrom web1 -IsoPath ''", "PipelineValueInvalid", "-IsoPath is empty")]
    [InlineData("[pscustomobject]@{ nme = 'web1' } | Get-VmInstance", "PipelineValueInvalid", "Did you mean 'name'?")]
    [InlineData("Get-VmInstance web1 | Get-VmDatastoreFile", "PipelineValueInvalid", "is a Vm, not a VmDatastore")]
    [InlineData("Get-VmInstance web1 | Remove-VmDatastoreFile -Confirm:$false", "PipelineValueInvalid", "is a Vm, not a DatastoreFile")]
    [InlineData("$file | Remove-VmInstance -Confirm:$false", "NotAVm", "is a FileInfo")]
    [InlineData("Get-VmInstance -Session 127.0.0.1", "ParameterArgumentTransformationError", "the Id that Get-VmSession shows")]
    [InlineData("Test-VmDeployment -Deployment '{ \"name\": \"a\" }'", "DeploymentFileInvalid", "a file is given as -Path")]
    public async Task What_is_no_VM_session_or_deployment_is_named(string command, string code, string named)
    {
        _engine["file"] = new FileInfo(Repository.Path("examples/tiny.iso"));

        Assert.Contains(named, (await _engine.RunAsync(command)).Error(code).Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty((await _engine.MustRunAsync("Get-VmInstance web1")).Output);
    }

    [Fact]
    public async Task An_empty_cell_is_absent_on_the_cmdlets_for_devices_too()
    {
        await _engine.MustRunAsync("""
            $row = [pscustomobject]@{ Vm = 'web1'; Label = ''; iso_path = '' }
            $row | Set-VmNetworkAdapter -Connected $false -WhatIf
            $row | Set-VmDisk -SizeGB 2 -WhatIf
            $row | Add-VmCdrom
            $row | Remove-VmCdrom -Confirm:$false
            """);
        Assert.Empty((await _engine.MustRunAsync("Get-VmCdrom web1")).Output);
    }

    [Fact]
    public async Task Hosts_and_places_stand_for_each_other_and_folders_name_VMs()
    {
        Assert.NotEmpty((await _engine.MustRunAsync("Get-VmPlace -Kind Host | Get-VmHypervisor | Get-VmPlace")).Output);
        _engine["folder"] = new DirectoryInfo(Repository.Path("examples"));
        await _engine.MustRunAsync("$folder | Import-VmOva $ova -Datastore datastore1 -WhatIf");
    }

    [Fact]
    public void Every_cmdlet_that_binds_from_records_checks_them()
    {
        var cmdlets = typeof(RecordCmdlet).Assembly.GetTypes().Where(type => typeof(PSCmdlet).IsAssignableFrom(type) && !type.IsAbstract).ToList();
        var binding = cmdlets.Where(type => type.GetProperties().SelectMany(property => property.GetCustomAttributes<ParameterAttribute>()).Any(one => one.ValueFromPipelineByPropertyName));

        Assert.All(binding, type => Assert.True(typeof(RecordCmdlet).IsAssignableFrom(type), type.Name));
    }

    [Theory]
    [InlineData("name = 'web1'; forse = $true", "Stop-VmInstance", "-Force must be on the command line.")]
    [InlineData("name = 'web1'; timeuotsec = 5", "Stop-VmInstance", "-TimeoutSec must be on the command line.")]
    [InlineData("vm = 'web1'; snapshot_nam = 'a'", "New-VmSnapshot -Name b", "Did you mean 'snapshot_name'?")]
    [InlineData("path = $iso; datastor = 'datastore1'", "Send-VmDatastoreFile -Datastore datastore1", "Did you mean 'datastore'?")]
    [InlineData("path = $ova; uri_thumprint = 'x'", "Get-VmOva", "Did you mean 'uri_thumbprint'?")]
    [InlineData("name = 'web1'; fromat = 'Ovf'", "Export-VmOva", "Did you mean 'format'?")]
    [InlineData("source = 'web1'; keep_mac_adress = $true", "Copy-VmInstance -Destination $session -Datastore datastore1 -Name web2", "Did you mean 'keep_mac_address'?")]
    [InlineData("vm = 'web1'; labl = 'Hard disk 1'", "Set-VmDisk -SizeGB 2", "Did you mean 'label'?")]
    [InlineData("vm = 'web1'; mac = '00:50:56:01:00:09'", "Set-VmNetworkAdapter -Connected $true", "Did you mean 'mac_address'?")]
    [InlineData("name = 'datastore1'; datacentre = 'x'", "Get-VmDatastore", "'datacentre'")]
    [InlineData("iso_path = $iso; controler = 'Nvme'", "New-VmFromIso -Name web2 -Datastore datastore1", "Did you mean 'disk_controller'?")]
    [InlineData("iso_path = $iso; mac = 'x'", "New-VmFromIso -Name web2 -Datastore datastore1", "Did you mean 'mac_address'?")]
    [InlineData("name = 'web1'; size_gb = 1; size = 3", "Add-VmDisk", "Did you mean 'size_gb'?")]
    public async Task A_misspelt_key_is_a_warning_on_every_cmdlet(string entries, string command, string warning)
    {
        var run = await _engine.MustRunAsync($"[pscustomobject]@{{ {entries} }} | {command} {(command.StartsWith("Get-", StringComparison.Ordinal) ? "" : "-WhatIf")}");

        Assert.Contains(warning, Assert.Single(run.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StrictKeys_names_all_keys_that_are_ignored()
    {
        var message = (await _engine.RunAsync("[pscustomobject]@{ name = 'web1'; Owner = 'me'; forse = 1; Force = 'true' } | Remove-VmInstance -StrictKeys -Confirm:$false"))
            .Error("PipelineValueInvalid").Exception.Message;
        Assert.All(["'Owner'", "'forse'", "'Force'"], key => Assert.Contains(key, message, StringComparison.Ordinal));

        foreach (var command in new[] { "Set-VmInstance -CpuCount 2", "Add-VmDisk -SizeGB 1", "Add-VmNetworkAdapter -Network 'VM Network'" })
            (await _engine.RunAsync($"[pscustomobject]@{{ name = 'web1'; a_key = 1 }} | {command} -StrictKeys")).Error("PipelineValueInvalid");
        Assert.Single((await _engine.MustRunAsync("Get-VmInstance web1")).Single<Vm>().Disks);
    }

    [Fact]
    public async Task A_file_can_not_force_and_is_told_so()
    {
        var warning = Assert.Single((await _engine.MustRunAsync("[pscustomobject]@{ name = 'web1'; Force = 'true' } | Remove-VmInstance -WhatIf")).Warnings);
        Assert.Contains("-Force must be on the command line", warning, StringComparison.Ordinal);
        Assert.Single((await _engine.MustRunAsync("[pscustomobject]@{ name = 'web1'; Force = 'maybe' } | Stop-VmInstance -WhatIf")).Warnings);
        Assert.Single((await _engine.MustRunAsync("[pscustomobject]@{ vm = 'web1'; snapshot_name = 'a'; memory = $true } | New-VmSnapshot -WhatIf")).Warnings);

        // The same key is a size to other cmdlets.
        Assert.Empty((await _engine.MustRunAsync("[pscustomobject]@{ vm = 'web1'; snapshot_name = 'a'; memory = 512 } | New-VmSnapshot -StrictKeys -WhatIf")).Warnings);

        // Nothing is ignored that would have made a difference.
        Assert.Empty((await _engine.MustRunAsync("[pscustomobject]@{ name = 'web1'; Force = 'false' }, [pscustomobject]@{ name = 'web1'; Force = '' } | Stop-VmInstance -WhatIf")).Warnings);
        Assert.Empty((await _engine.MustRunAsync("[pscustomobject]@{ name = 'web1'; Force = 'true' } | Stop-VmInstance -Force -WhatIf")).Warnings);
    }

    [Fact]
    public async Task Columns_for_other_programs_are_no_mistakes_of_a_record_that_only_names_VMs()
    {
        const string Row = "[pscustomobject]@{ name = 'web1'; Owner = 'me'; Site = 'x'; Notes = 'y'; Cost = 1; Url = 'z'; IP = '10.0.0.1'; Size = 3; vm_owner = 'me'; num_clones = 4 }";

        Assert.Empty((await _engine.MustRunAsync($"{Row} | Stop-VmInstance -WhatIf; {Row} | Get-VmInstance; {Row} | Wait-VmInstance -For Off")).Warnings);
        Assert.Contains("'Owner'", string.Join(' ', (await _engine.MustRunAsync($"{Row} | Set-VmInstance -CpuCount 2 -WhatIf")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_modules_own_objects_and_one_of_files_are_no_mistakes()
    {
        var run = await _engine.MustRunAsync("""
            $text = [pscustomobject]@{}
            (Get-VmInstance web1).PSObject.Properties | ForEach-Object { $text.PSObject.Properties.Add([psnoteproperty]::new($_.Name, "$($_.Value)")) }
            $text | Stop-VmInstance -WhatIf; $text | Set-VmInstance -CpuCount 2 -WhatIf
            [pscustomobject]@{ FullName = $ova; PSPath = "Microsoft.PowerShell.Core\FileSystem::$ova" } | Get-VmOva
            """);

        Assert.Empty(run.Warnings);
    }

    [Fact]
    public async Task A_calculated_record_is_checked_and_one_without_a_known_key_is_refused()
    {
        (await _engine.RunAsync("$row = [pscustomobject]@{ name = 'new'; memry = 64 }; $row.PSObject.TypeNames.Insert(0, 'Selected.System.Int32'); $row | Import-VmOva $ova -Datastore datastore1 -StrictKeys")).Error("PipelineValueInvalid");
        Assert.Empty((await _engine.MustRunAsync("[pscustomobject]@{ path = $ova; name = 'x'; datastore = 'datastore1'; mac_address = @() } | Import-VmOva -WhatIf")).Warnings);
        Assert.Empty((await _engine.MustRunAsync("$row = [pscustomobject]@{ Name = 'web1'; Item = 1 }; 'Selected.', 'Selected.System.Xml.XmlNode' | ForEach-Object { $row.PSObject.TypeNames.Insert(0, $_); $row | Start-VmInstance -WhatIf }")).Warnings);
        (await _engine.RunAsync("[pscustomobject]@{ nmae = 'web1' } | Get-VmInstance")).Error("PipelineValueInvalid");
    }

    [Theory]
    [InlineData("[pscustomobject]@{ name = 'web1'; new_name = [pscustomobject]@{ a = 1 } } | Set-VmInstance -WhatIf", "ParameterArgumentTransformationError", "'NewName'. A text is required, and a map was given.")]
    [InlineData("[pscustomobject]@{ path = $ova; name = 'x'; datastore = 'datastore1'; annotation = [pscustomobject]@{ a = 1 } } | Import-VmOva -WhatIf", "ParameterArgumentTransformationError", "'Annotation'. A text is required, and a map was given.")]
    [InlineData("[pscustomobject]@{ path = $ova; name = 'x'; datastore = 'datastore1'; annotation = @(1, 2) } | Import-VmOva -WhatIf", "ParameterArgumentTransformationError", "'Annotation'. A text is required, and a list was given.")]
    public async Task A_map_or_a_list_is_no_text(string command, string code, string message) =>
        Assert.Contains(message, (await _engine.RunAsync(command)).Error(code).Exception.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("Get-VmInstance web1 | Get-VmNetwork")]
    [InlineData("Get-VmNetwork Lab | Get-VmDatastore")]
    [InlineData("Get-VmDatastore datastore1 | Get-VmPlace")]
    public async Task An_object_of_another_kind_is_no_name(string command) => (await _engine.RunAsync(command)).Error("PipelineValueInvalid");

    [Fact]
    public async Task An_object_of_another_session_is_no_name()
    {
        await using var other = await EsxiSimulator.StartAsync();
        _engine["first"] = _engine["session"];
        _engine["other"] = await _engine.ConnectAsync(other);
        (await _engine.RunAsync("Get-VmDatastore datastore1 -Session $first | Get-VmDatastore -Session $other")).Error("SessionMismatch");
        Assert.Equal("datastore1", (await _engine.MustRunAsync("Get-VmDatastore datastore1 -Session $first | Get-VmDatastore")).Single<VmDatastore>().Name);
    }

    [Fact]
    public async Task An_ISO_of_a_datastore_is_given_as_an_object()
    {
        await _engine.MustRunAsync("Send-VmDatastoreFile $iso iso/ -Datastore datastore1");
        await _engine.MustRunAsync("New-VmFromIso (Get-VmDatastoreFile '[datastore1] iso/tiny.iso') -Name iso1 -Datastore datastore1; Get-VmDatastoreFile '[datastore1] iso/tiny.iso' | New-VmFromIso -Name iso2 -Datastore datastore1");
        Assert.Equal(["iso1", "iso2"], _simulator.Vms.Select(vm => vm.Name).Where(name => name.StartsWith("iso", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task The_rows_of_a_file_warn_once_of_a_column()
    {
        var run = await _engine.MustRunAsync("1..3 | ForEach-Object { [pscustomobject]@{ name = 'web1'; forse = $_ } } | Stop-VmInstance -WhatIf");

        Assert.Single(run.Warnings);
    }

    [Fact]
    public async Task Live_objects_are_no_records()
    {
        using var process = Process.GetCurrentProcess();
        _engine["process"] = process;
        _engine["file"] = new FileInfo(Repository.Path("examples/tinyVM.ova"));
        _engine["image"] = new FileInfo(Repository.Path("examples/tiny.iso"));
        var run = await _engine.MustRunAsync("""
            $vm = Get-VmInstance web1
            $vm | Start-VmInstance -WhatIf -StrictKeys
            $vm | Set-VmInstance -CpuCount 2 -WhatIf -StrictKeys
            $vm | New-VmClone -WhatIf -StrictKeys
            $vm | New-VmSnapshot -Name a | Remove-VmSnapshot -Confirm:$false -StrictKeys
            $vm | Get-VmDisk | Set-VmDisk -SizeGB 2 -WhatIf -StrictKeys
            $vm | Get-VmNetworkAdapter | Set-VmNetworkAdapter -Connected $true -WhatIf -StrictKeys
            $file | Get-VmOva -StrictKeys
            $file | Import-VmOva -Datastore datastore1 -WhatIf -StrictKeys
            $image | Send-VmDatastoreFile -Datastore datastore1 -StrictKeys | Remove-VmDatastoreFile -WhatIf -StrictKeys
            """);

        Assert.Empty(run.Warnings);
        Assert.Equal(["NotAVm"], (await _engine.RunAsync("$process | Stop-VmInstance -WhatIf -StrictKeys")).ErrorIds);
    }

    [Theory]
    [InlineData("@{ path = $ova } | Import-VmOva")]
    [InlineData("@{ source = 'web1' } | New-VmClone")]
    [InlineData("@{ name = 'web1' } | Remove-VmInstance -Confirm:$false")]
    [InlineData("[ordered]@{ path = $iso } | Send-VmDatastoreFile -Datastore datastore1")]
    [InlineData("@{ machines = @{} } | Test-VmDeployment")]
    public async Task A_hashtable_is_refused_and_the_error_says_how_to_convert_it(string command)
    {
        var run = await _engine.RunAsync(command);

        Assert.Contains("[pscustomobject]", Assert.Single(run.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal("web1", Assert.Single(_simulator.Vms).Name);
        Assert.DoesNotContain("[datastore1] tiny.iso", _simulator.DatastoreFiles());
    }

    [Theory]
    [InlineData("$iso | New-VmFromIso -Name made -Datastore datastore1", "made")]
    [InlineData("$image | New-VmFromIso -Name made -Datastore datastore1", "made")]
    [InlineData("$image | New-VmFromIso -Datastore datastore1", "tiny1")]
    [InlineData("New-VmFromIso $image -Datastore datastore1", "tiny1")]
    public async Task The_path_of_an_ISO_or_its_file_comes_from_the_pipeline(string command, string made)
    {
        _engine["image"] = new FileInfo(Repository.Path("examples/tiny.iso"));

        Assert.Equal(made, (await _engine.MustRunAsync(command)).Single<Vm>().Name);
        Assert.Contains("[datastore1] iso/tiny.iso", _simulator.DatastoreFiles());
    }

    [Fact]
    public async Task Paths_and_files_to_send_come_from_the_pipeline()
    {
        _engine["image"] = new FileInfo(Repository.Path("examples/tiny.iso"));

        await _engine.MustRunAsync("$iso | Send-VmDatastoreFile -Datastore datastore1 -Destination a.iso; $image | Send-VmDatastoreFile -Datastore datastore1 -Destination b.iso");

        Assert.Equal(["[datastore1] a.iso", "[datastore1] b.iso"], _simulator.DatastoreFiles().Where(path => path.EndsWith(".iso", StringComparison.Ordinal)).Order());
        (await _engine.RunAsync("'nope.json' | Test-VmDeployment")).Error("LocalFileNotFound");
    }

    [Theory]
    [InlineData("5 | Import-VmOva $ova -Name web2 -Datastore datastore1")]
    [InlineData("'web1' | Get-VmInstance -Id 5")]
    [InlineData("'datastore2' | Get-VmDatastoreFile -Datastore datastore1")]
    [InlineData("5 | Test-VmDeployment -Deployment @{ name = 'x' }")]
    public async Task An_object_that_no_parameter_takes_is_an_error(string command)
    {
        Assert.Contains("would be ignored", (await _engine.RunAsync(command)).Error("PipelineValueInvalid").Exception.Message, StringComparison.Ordinal);
        Assert.Single(_simulator.Vms);
    }

    [Theory]
    [InlineData("ovf_path = $ova; name = @()", "Import-VmOva -Datastore datastore1", "'name'")]
    [InlineData("source = @(); name_prefix = 'web'", "New-VmClone", "'source'")]
    [InlineData("vm = 'web1'; name = 'web2'", "Stop-VmInstance", "'vm' and 'name'")]
    public async Task A_record_that_names_no_VM_or_two_is_refused(string entries, string command, string named)
    {
        Assert.Contains(named, (await _engine.RunAsync($"[pscustomobject]@{{ {entries} }} | {command}")).Error("PipelineValueInvalid").Exception.Message, StringComparison.Ordinal);
        Assert.Single(_simulator.Vms);
    }

    [Fact]
    public async Task A_map_is_no_name()
    {
        Assert.Contains("'Datastore'", Assert.Single((await _engine.RunAsync("[pscustomobject]@{ ovf_path = $ova; datastore = [pscustomobject]@{ a = 1 } } | Import-VmOva")).Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_files_of_a_folder_are_listed_for_a_record()
    {
        await _engine.MustRunAsync("$null = $iso | Send-VmDatastoreFile -Datastore datastore2 -Destination iso/");

        Assert.Equal("[datastore2] iso/tiny.iso", (await _engine.MustRunAsync("[pscustomobject]@{ path = 'iso'; datastore = 'datastore2' } | Get-VmDatastoreFile")).Single<DatastoreFile>().Path);
        Assert.Equal("[datastore2] iso/tiny.iso", (await _engine.MustRunAsync("[pscustomobject]@{ path = '[datastore2] iso' } | Get-VmDatastoreFile")).Single<DatastoreFile>().Path);
    }

    [Fact]
    public async Task A_key_of_another_parameter_set_and_the_same_value_twice_are_no_mistakes()
    {
        await _engine.MustRunAsync("$null = Add-VmCdrom web1");

        await _engine.MustRunAsync("[pscustomobject]@{ vm = 'web1'; iso_path = 'x.iso' } | Set-VmCdrom -Eject; [pscustomobject]@{ vm = 'web1'; name = 'web1' } | Start-VmInstance");
    }

    [Fact]
    public async Task A_VM_that_is_piped_in_is_found_in_its_own_session()
    {
        await using var other = await EsxiSimulator.StartAsync();
        _engine["a"] = _engine["session"];
        _engine["b"] = await _engine.ConnectAsync(other);
        await _engine.MustRunAsync("$null = Import-VmOva $ova -Name web1 -Datastore datastore1 -Session $b; Set-VmSession $a -Default");

        var found = (await _engine.MustRunAsync("Get-VmInstance web1 -Session $b | Get-VmInstance")).Single<Vm>();

        Assert.Same(_engine["b"], found.Session);
        Assert.Contains($"root@{other.Server}:{other.HttpsPort}", (await _engine.RunAsync("Get-VmInstance web1 -Session $b | Stop-VmInstance -Session $a")).Error("SessionMismatch").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_comes_by_its_name_and_keeps_its_session()
    {
        await using var xen = await XapiSimulator.StartAsync();
        _engine["a"] = _engine["session"];
        _engine["b"] = await _engine.ConnectAsync(xen);
        await _engine.MustRunAsync("$template = Get-VmTemplate alpine-template -Session $b");

        Assert.Equal("made", (await _engine.MustRunAsync("'alpine-template' | New-VmFromTemplate -Name made -Session $b")).Single<Vm>().Name);
        Assert.Equal(["alpine-template", "alpine-template2"], [.. (await _engine.MustRunAsync("$template | New-VmFromTemplate; New-VmFromTemplate $template -Name alpine-template2")).All<Vm>().Select(vm => vm.Name)]);
        foreach (var command in new[] { "New-VmFromTemplate $template -Session $a", "$template | New-VmFromTemplate -Session $a", "ConvertFrom-VmTemplate $template -Session $a" })
            (await _engine.RunAsync(command)).Error("SessionMismatch");
        Assert.Equal("made2", (await _engine.MustRunAsync("$null = 'made' | Get-VmInstance -Session $b | ConvertTo-VmTemplate; 'made' | ConvertFrom-VmTemplate -Session $b | Set-VmInstance -NewName made2")).Single<Vm>().Name);
    }

    [Fact]
    public async Task A_folder_and_a_resource_pool_are_ignored_on_XenServer_with_a_warning()
    {
        await using var xen = await XapiSimulator.StartAsync();
        _engine["b"] = await _engine.ConnectAsync(xen);

        var run = await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore 'Local storage' -Folder a/b -ResourcePool gold -Datacenter dc -Session $b");
        Assert.Equal(["The folder is ignored on XenServer", "The resource pool is ignored on XenServer"], run.Warnings);
        Assert.Empty((await _engine.MustRunAsync("Get-VmInstance web1 -Session $b | New-VmClone")).Warnings);
    }
}

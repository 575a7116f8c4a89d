using System.Management.Automation;
using System.Reflection;
using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Objects between cmdlets: what each parameter accepts, and with which session.</summary>
public sealed class ObjectTests : IAsyncLifetime
{
    private EsxiSimulator _simulator = null!;
    private Engine _engine = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        _engine = Engine.Start();
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        _engine["iso"] = Repository.Path("examples/tiny.iso");
        await _engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    [Theory]
    [InlineData("Get-VmInstance web1 | New-VmClone -Session $b")]
    [InlineData("New-VmClone (Get-VmInstance web1) -Session $b")]
    [InlineData("Get-VmInstance web1 -Session $a | Get-VmInstance -Session $b")]
    [InlineData("Get-VmInstance web1 | Stop-VmInstance -Force -Confirm:$false -Session $b")]
    [InlineData("Get-VmInstance web1 | Remove-VmInstance -Confirm:$false -Session $b")]
    [InlineData("Get-VmInstance web1 | Add-VmCdrom -Session $b")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Network (Get-VmNetwork 'VM Network' -Session $a) -Session $b")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Network @{ 'VM Network' = (Get-VmNetwork 'VM Network' -Session $a) } -Session $b")]
    [InlineData("New-VmFromIso $iso -Datastore (Get-VmDatastore datastore1 -Session $a) -Session $b")]
    [InlineData("New-VmFromIso (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Session $b")]
    [InlineData("Get-VmDatastoreFile '[datastore1] here.iso' -Session $a | New-VmFromIso -Session $b")]
    [InlineData("Remove-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Session $b -Confirm:$false")]
    [InlineData("Receive-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Session $b")]
    [InlineData("Get-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Session $b")]
    [InlineData("Get-VmInstance web1 -Session $a | Add-VmCdrom -IsoPath (Get-VmDatastoreFile '[datastore1] here.iso' -Session $b)")]
    [InlineData("Get-VmInstance web1 -Session $a | New-VmSnapshot -Name s | ForEach-Object { Remove-VmSnapshot web1 -Name $_ -Session $b -Confirm:$false }")]
    [InlineData("Import-VmOva $ova -Datastore datastore1 -Datacenter (Get-VmPlace -Kind Datacenter -Session $a) -Session $b")]
    [InlineData("Get-VmSession -Id $a.Id | ForEach-Object { [pscustomobject]@{ Name = 'web1'; Session = $_ } } | Start-VmInstance -Session $b")]
    [InlineData("[pscustomobject]@{ Name = 'web1'; Session = $a } | Set-VmInstance -Annotation wrong -Session $b")]
    [InlineData("[pscustomobject]@{ Source = 'web1'; Name = 'web9'; Session = $a } | New-VmClone -Session $b")]
    [InlineData("[pscustomobject]@{ Vm = 'web1'; Session = $a } | Copy-VmInstance -Destination $b -Session $b")]
    [InlineData("Remove-VmNetworkAdapter web1 -Label (Get-VmNetworkAdapter web1 -Session $a) -Session $b -Confirm:$false")]
    [InlineData("Set-VmDisk web1 -Label (Get-VmDisk web1 -Session $a) -SizeGB 9 -Session $b")]
    [InlineData("Get-VmInstance web1 | New-VmClone -Datastore (Get-VmDatastore datastore1 -Session $b)")]
    [InlineData("Get-VmInstance web1 | Copy-VmInstance -Destination $b -Datastore (Get-VmDatastore datastore1 -Session $a)")]
    [InlineData("Get-VmInstance web1 | Add-VmNetworkAdapter -Network (Get-VmNetwork 'VM Network' -Session $b)")]
    [InlineData("Get-VmInstance web1 | Add-VmDisk -SizeGB 1 -Datastore (Get-VmDatastore datastore1 -Session $b)")]
    public async Task A_session_that_contradicts_the_object_is_refused(string command)
    {
        await using var other = await EsxiSimulator.StartAsync();
        await _engine.MustRunAsync("Set-VmSession $session -Default");
        await _engine.MustRunAsync("$a = $session");
        _engine["a"] = _engine["session"];
        await _engine.ConnectAsync(other);
        _engine["b"] = _engine["session"];
        await _engine.MustRunAsync("Set-VmSession $a -Default; $a, $b | ForEach-Object { Send-VmDatastoreFile $iso datastore1 here.iso -Session $_ }");

        (await _engine.RunAsync(command)).Error("SessionMismatch");

        Assert.Equal("web1", Assert.Single(_simulator.Vms).Name);
        Assert.Empty(other.Vms);
        Assert.Equal(2, (await _engine.MustRunAsync("$a, $b | ForEach-Object { Get-VmDatastoreFile '[datastore1] here.iso' -Session $_ }")).Output.Count);
        // A selection of its properties keeps its session.
        await _engine.MustRunAsync("Set-VmSession $b -Default");
        Assert.Equal(_engine["a"], (await _engine.MustRunAsync("Get-VmSession -Id $a.Id | ForEach-Object { [pscustomobject]@{ Name = 'web1'; Session = $_ } } | Get-VmInstance")).Single<Vm>().Session);
    }

    [Fact]
    public async Task A_datastore_is_used_with_its_own_session_and_is_not_the_name_of_another_kind()
    {
        await using var other = await EsxiSimulator.StartAsync();
        _engine["a"] = _engine["session"];
        await _engine.ConnectAsync(other);
        _engine["b"] = _engine["session"];
        await _engine.MustRunAsync("Set-VmSession $a -Default; Send-VmDatastoreFile $iso -Datastore (Get-VmDatastore datastore2 -Session $b)");

        Assert.Equal(["[datastore2] tiny.iso"], other.DatastoreFiles());
        Assert.Equal("[datastore2] tiny.iso", (await _engine.MustRunAsync("Get-VmDatastore datastore2 -Session $b | Get-VmDatastoreFile")).Single<DatastoreFile>().Path);
        await _engine.MustRunAsync("Import-VmOva $ova -Name web2 -Network (Get-VmNetwork 'VM Network' -Session $b) -Datastore (Get-VmDatastore datastore1 -Session $b)");
        Assert.Equal("web2", Assert.Single(other.Vms).Name);
        Assert.Contains("not a VmDatastore", Assert.Single((await _engine.RunAsync("Import-VmOva $ova -Name web3 -Datastore (Get-VmNetwork 'VM Network' -Session $a)")).Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_is_given_as_a_value_brings_its_session()
    {
        await using var other = await EsxiSimulator.StartAsync();
        _engine["a"] = _engine["session"];
        await _engine.ConnectAsync(other);
        _engine["b"] = _engine["session"];
        using var folder = new TempFolder();
        _engine["to"] = folder["disk.vmdk"];
        await _engine.MustRunAsync("Set-VmSession $b -Default; $a, $b | ForEach-Object { Send-VmDatastoreFile $iso datastore1 here.iso -Session $_ }");

        await _engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] here.iso' -Session $a | New-VmFromIso -Name piped -Datastore datastore1; New-VmFromIso (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Name given -Datastore datastore1; Remove-VmInstance piped, given -Session $a -Confirm:$false");
        await _engine.MustRunAsync("Remove-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] here.iso' -Session $a) -Confirm:$false");
        await _engine.MustRunAsync("Set-VmNetworkAdapter web1 -Label (Get-VmNetworkAdapter web1 -Session $a) -Connected $false; Get-VmDisk (Get-VmInstance web1 -Session $a) | Receive-VmDatastoreFile -Destination $to");
        Assert.True(File.Exists((string)_engine["to"]!));

        Assert.Empty(other.Vms);
        Assert.Single((await _engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] here.iso' -Session $b")).Output);
        Assert.NotEmpty((await _engine.RunAsync("Get-VmDatastoreFile '[datastore1] here.iso' -Session $a")).ErrorIds);

        // What is made from a local file can be named after the VMs of another host.
        await _engine.MustRunAsync("[pscustomobject]@{ Name = 'web1'; Session = $a } | New-VmFromIso $iso -Datastore datastore1 -Session $b");
        Assert.Equal("web1", Assert.Single(other.Vms).Name);
    }

    [Fact]
    public async Task An_object_without_a_name_is_refused_and_leaves_empty_texts_alone()
    {
        await using var first = await XapiSimulator.StartAsync();
        await using var second = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        engine["a"] = await engine.ConnectAsync(first);
        engine["b"] = await engine.ConnectAsync(second);
        engine["ova"] = _engine["ova"];
        first.Host.Database.Set(first.Host.World.Network, "name_label", "");
        await engine.MustRunAsync("$a, $b | ForEach-Object { Import-VmOva $ova -Name web1 -Annotation old -Session $_ }; Set-VmSession $b -Default");

        Assert.Contains("has no name", Assert.Single((await engine.RunAsync("Add-VmNetworkAdapter web1 -Network (Get-VmNetwork -Session $a | Where-Object Name -EQ '')")).Errors).Exception.Message, StringComparison.Ordinal);

        await engine.MustRunAsync("Set-VmInstance web1 -Annotation ''");
        Assert.Equal("old", (await engine.MustRunAsync("Get-VmInstance web1 -Session $a")).Single<Vm>().Annotation);
        Assert.True(string.IsNullOrEmpty((await engine.MustRunAsync("Get-VmInstance web1 -Session $b")).Single<Vm>().Annotation));
    }

    [Theory]
    [InlineData("Set-VmInstance web1 -Annotation ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Set-VmInstance web1 -NewName ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Import-VmOva $ova -Name b -Datastore datastore1 -Annotation ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Send-VmDatastoreFile $iso datastore1 ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Add-VmDisk web1 -DiskPath ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Set-VmInstance web1 -Annotation (Get-VmInstance web1) -WhatIf")]
    [InlineData("Set-VmInstance web1 -Annotation (Get-VmNetwork 'VM Network').PSObject -WhatIf")]
    [InlineData("Set-VmInstance web1 -NewName (Get-VmDatastore datastore1) -WhatIf")]
    [InlineData("Set-VmInstance web1 -Annotation @('a', 'b') -WhatIf")]
    [InlineData("New-VmSnapshot web1 -Name s -Description (Get-VmInstance web1) -WhatIf")]
    [InlineData("Export-VmOva web1 -Path ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Receive-VmDatastoreFile '[datastore1] web1/web1.vmx' -Destination ([pscustomobject]@{ a = 1 }) -WhatIf")]
    [InlineData("Connect-Esxi 127.0.0.1 -LogPath ([pscustomobject]@{ a = 1 })")]
    [InlineData("Get-VmSession ([pscustomobject]@{ a = 1 })")]
    public async Task An_object_is_no_text(string command) => (await _engine.RunAsync(command)).Error("ParameterArgumentTransformationError");

    [Theory]
    [InlineData("Set-VmDisk web1 -Label (Get-VmDisk web2) -SizeGB 9")]
    [InlineData("Remove-VmNetworkAdapter web1 -Label (Get-VmNetworkAdapter web2) -Confirm:$false")]
    [InlineData("New-VmSnapshot web1, web2 -Name s; Remove-VmSnapshot web1 -Name (Get-VmSnapshot web2) -Confirm:$false")]
    public async Task A_part_of_another_VM_is_not_that_of_its_name(string command)
    {
        await _engine.MustRunAsync("Import-VmOva $ova -Name web2 -Datastore datastore1");

        Assert.Contains("belongs to web2", (await _engine.RunAsync(command)).Error("PipelineValueInvalid").Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_of_an_object_is_no_pattern()
    {
        await _engine.MustRunAsync("'w1.iso', 'w2.iso', 'w?.iso' | ForEach-Object { $null = Send-VmDatastoreFile $iso datastore1 $_ }");
        Assert.Equal("w?.iso", (await _engine.MustRunAsync("Get-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] *' | Where-Object { $_.Path.Contains('?') })")).Single<DatastoreFile>().Name);
        await _engine.MustRunAsync("Remove-VmDatastoreFile (Get-VmDatastoreFile '[datastore1] *' | Where-Object { $_.Path.Contains('?') }) -Confirm:$false");
        Assert.Equal(["w1.iso", "w2.iso"], (await _engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] w*.iso'")).All<DatastoreFile>().Select(file => file.Name).Order());

        await _engine.MustRunAsync("Import-VmOva $ova -Name 'web[12]' -Datastore datastore1");
        Assert.Equal("web[12]", (await _engine.MustRunAsync("Get-VmInstance (Get-VmInstance | Where-Object Name -EQ 'web[12]')")).Single<Vm>().Name);
    }

    [Fact]
    public async Task An_option_of_a_package_is_given_as_an_object()
    {
        using var folder = new TempFolder();
        _engine["ova"] = new OvaBuilder
        {
            EnvelopeSections = "<DeploymentOptionSection><Info/><Configuration ovf:id=\"small\" ovf:default=\"true\"/><Configuration ovf:id=\"large\"/></DeploymentOptionSection>",
            HardwareExtras = "<Item ovf:configuration=\"large\"><rasd:Caption>memory</rasd:Caption><rasd:InstanceID>90</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>128</rasd:VirtualQuantity></Item>",
        }.WriteOva(folder);

        await _engine.MustRunAsync("Import-VmOva $ova -Name large -Datastore datastore1 -DeploymentOption (Get-VmOva $ova).DeploymentOptions[1]");

        Assert.Equal(128, (await _engine.MustRunAsync("Get-VmInstance large")).Single<Vm>().MemoryMB);
    }

    [Fact]
    public void Each_text_parameter_says_which_objects_it_takes()
    {
        var silent = typeof(PlainTextAttribute).Assembly.GetExportedTypes().Where(type => typeof(PSCmdlet).IsAssignableFrom(type) && !type.IsAbstract)
            .SelectMany(type => type.GetProperties(), (type, property) => (Cmdlet: type.Name, Property: property))
            .Where(one => one.Property.IsDefined(typeof(ParameterAttribute)) && (one.Property.PropertyType == typeof(string) || one.Property.PropertyType == typeof(string[]))
                && !one.Property.IsDefined(typeof(ArgumentTransformationAttribute)) && !one.Property.IsDefined(typeof(ValidateSetAttribute)))
            .Select(one => $"{one.Cmdlet} -{one.Property.Name}");

        Assert.Empty(silent);
    }

    [Theory]
    [InlineData("(Get-VmInstance web1).Disks", "Hard disk 1")]
    [InlineData("(Get-VmInstance web1).NetworkAdapters", "Network adapter 1")]
    [InlineData("(Get-VmOva $ova).Disks", "tinyVM-disk1.vmdk")]
    [InlineData("(Get-VmOva $ova).Machines", "")]
    public async Task A_list_has_the_text_of_its_items_for_CSV_files(string command, string text) =>
        Assert.Equal(text, (await _engine.MustRunAsync($"({command}).ToString()")).Single<string>());

    [Theory]
    [InlineData("Get-VmDatastore datastore1 | Get-VmInstance")]
    [InlineData("Get-VmNetwork | Stop-VmInstance -Force -Confirm:$false")]
    [InlineData("Get-VmHypervisor | Remove-VmInstance -Confirm:$false")]
    [InlineData("Get-VmDatastoreFile web1 -Datastore datastore1 | Remove-VmInstance -Confirm:$false")]
    [InlineData("Get-VmPlace | Stop-VmInstance -Force -Confirm:$false")]
    [InlineData("New-VmSnapshot web1 web1 | Remove-VmInstance -Confirm:$false")]
    [InlineData("Get-VmDatastore datastore1 | New-VmFromIso -IsoPath $iso")]
    public async Task The_name_of_another_thing_is_not_taken_for_that_of_a_VM(string command)
    {
        var run = await _engine.RunAsync(command);

        Assert.All(run.ErrorIds, id => Assert.Equal("NotAVm", id));
        Assert.NotEmpty(run.ErrorIds);
    }

    [Theory]
    [InlineData("Get-VmInstance $null")]
    [InlineData("Get-VmInstance ''")]
    [InlineData("Stop-VmInstance -Name $null -Force -Confirm:$false")]
    [InlineData("Remove-VmInstance -Name '' -Confirm:$false")]
    [InlineData("Remove-VmInstance -Name web9, $null -Confirm:$false")]
    public async Task An_empty_name_is_an_error_and_never_means_all(string command)
    {
        await _engine.MustRunAsync("Start-VmInstance web1");

        var run = await _engine.RunAsync(command);

        Assert.Empty(run.Output);
        Assert.DoesNotContain("UnexpectedFailure", run.ErrorIds);
        Assert.NotEmpty(run.ErrorIds);
        Assert.Equal("poweredOn", Assert.Single(_simulator.Vms).PowerState);
    }

    [Fact]
    public async Task A_bracket_that_is_not_closed_stands_for_itself()
    {
        (await _engine.RunAsync("Get-VmInstance 'web[1'")).Error("VmNotFound");
        await _engine.MustRunAsync("Import-VmOva $ova -Name 'web[1' -Datastore datastore1");
        Assert.Equal("web[1", (await _engine.MustRunAsync("Get-VmInstance 'web[1'")).Single<Vm>().Name);
    }

    [Fact]
    public async Task A_path_or_a_network_can_be_piped_or_given_as_an_object()
    {
        await _engine.MustRunAsync("$ova | Import-VmOva -Name piped -Datastore (Get-VmDatastore datastore1) -NetworkMap (Get-VmNetwork 'VM Network')");
        await _engine.MustRunAsync("[System.IO.FileInfo]$ova | Import-VmOva -Datastore datastore1");

        Assert.Equal(["piped", "tinyVM", "web1"], _simulator.Vms.Select(vm => vm.Name).Order());
    }

    [Fact]
    public async Task A_line_of_a_table_names_its_VM()
    {
        await _engine.MustRunAsync("[pscustomobject]@{ Name = 'web1'; iso_path = $iso } | Add-VmCdrom");
        await _engine.MustRunAsync("[pscustomobject]@{ Name = 'web1' } | Start-VmInstance");

        Assert.Equal("On", (await _engine.MustRunAsync("[pscustomobject]@{ Name = 'web1' } | Get-VmInstance")).Single<Vm>().PowerState);
        Assert.Single((await _engine.MustRunAsync("Get-VmCdrom web1")).Output);
    }

    [Fact]
    public async Task A_drive_is_found_by_the_name_of_its_VM()
    {
        (await _engine.RunAsync("Set-VmCdrom web1 -Eject")).Error("AmbiguousCdrom");
        await _engine.MustRunAsync("Add-VmCdrom web1 | Out-Null");

        var set = (await _engine.MustRunAsync("Set-VmCdrom web1 -IsoPath $iso")).Single<VmCdrom>();
        Assert.Equal(nameof(CdromMediumKind.Iso), set.Medium.Kind);
        await _engine.MustRunAsync("Get-VmInstance web1 | Set-VmCdrom -Eject | Out-Null");
        await _engine.MustRunAsync("Get-VmCdrom web1 | Remove-VmCdrom -Confirm:$false");
        Assert.Empty((await _engine.MustRunAsync("Get-VmCdrom web1")).Output);
    }

    [Theory]
    [InlineData("On")]
    [InlineData("PoweredOn")]
    public async Task A_state_is_waited_for_by_the_name_that_the_VM_shows(string state)
    {
        await _engine.MustRunAsync("Start-VmInstance web1");

        var run = await _engine.MustRunAsync($"(Wait-VmInstance web1 -For {state} -TimeoutSec 5).PowerState");

        Assert.Equal("On", run.Single<string>());
    }

    [Fact]
    public async Task A_wait_shows_what_it_waits_for_and_the_time_that_is_left_and_ends_its_bar()
    {
        var run = await _engine.RunAsync("Wait-VmInstance web1 -For IpAddress -TimeoutSec 1");

        run.Error("WaitTimeout");
        Assert.Contains(run.Progress, record => record.StatusDescription.Contains("an IP address") && record.SecondsRemaining == 1);
        Assert.Equal(System.Management.Automation.ProgressRecordType.Completed, run.Progress[^1].RecordType);
    }

    [Fact]
    public async Task A_VM_whose_address_does_not_come_in_time_is_emitted_along_with_the_error()
    {
        var run = await _engine.RunAsync("Import-VmOva $ova -Name slow -Datastore datastore1 -WaitForIp -TimeoutSec 1");

        run.Error("WaitTimeout");
        Assert.Equal("slow", run.Single<Vm>().Name);
        Assert.Contains(run.Progress, record => record.StatusDescription.Contains("an IP address"));
    }

    [Fact]
    public async Task A_cloud_init_file_that_does_not_exist_is_named()
    {
        var run = await _engine.RunAsync("New-VmFromTemplate t -UserData ./nope.yaml");

        Assert.Contains("'./nope.yaml'", Assert.Single(run.Errors).Exception.Message);
    }
}

using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.CloudInit;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>cloud-init's documents on the command line and from files.</summary>
public sealed class CloudInitTests : IAsyncLifetime, IDisposable
{
    private const string Secret = "s3cret-w0rd";

    private readonly Engine _engine = Engine.Start();
    private readonly TempFolder _folder = new();
    private EsxiSimulator _simulator = null!;

    public async Task InitializeAsync()
    {
        _simulator = await EsxiSimulator.StartAsync();
        await _engine.ConnectAsync(_simulator);
        _engine["ova"] = Repository.Path("examples/tinyVM.ova");
        _engine["secret"] = Engine.Secret(Secret);
    }

    public async Task DisposeAsync()
    {
        _engine.Dispose();
        await _simulator.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_file_gives_each_VM_its_documents()
    {
        await _engine.MustRunAsync("""
            '{ "ovf_path": "OVA", "vm_name_prefix": "web", "num_instances": 3, "datastore": "datastore1",
               "user_data": { "fqdn": "{hostname}.example.com", "bootcmd": [["echo", "{n:00}"]] }, "vendor_data": "#!/bin/sh\nexit 0\n",
               "meta_data": { "cloud-name": "lab" }, "network_config": { "network": { "version": 2 } } }'.Replace('OVA', $ova) |
                ConvertFrom-Json | Import-VmOva -StrictKeys
            """);
        for (var n = 1; n <= 3; n++)
        {
            var guest = await CloudInitGuest.ReadGuestinfoAsync(_simulator.Vms.Single(vm => vm.Name == $"web{n}").ExtraConfig);
            Assert.Equal($"web{n}", guest.HostName);
            Assert.Contains($"\"fqdn\": \"web{n}.example.com\"", guest.UserData);
            Assert.Contains($"\"0{n}\"", guest.UserData);
            Assert.Equal("#!/bin/sh\nexit 0\n", guest.VendorData);
            Assert.Equal(2, guest.Network!.Value.GetProperty("version").GetInt32());
        }
    }

    [SkippableFact]
    public async Task A_secret_reaches_the_guest_and_nothing_else()
    {
        _engine["log"] = _folder["session.log"];
        await _engine.MustRunAsync("Disconnect-Esxi");
        await _engine.ConnectAsync(_simulator, "-LogPath $log");
        var run = await _engine.RunAsync("""
            $data = @{ UserData = @{ chpasswd = @{ users = @(@{ name = 'root'; password = $secret }, [pscustomobject]@{ name = 'a'; password = $secret }) } }; MetaData = @{ token = $secret } }
            Import-VmOva $ova -Name web1, web2 -Datastore datastore1 @data -WhatIf -Verbose -Debug
            Import-VmOva $ova -Name web1, web2 -Datastore datastore1 @data -Verbose -Debug
            New-VmClone web1 -Name web3 -UserData $secret -ErrorAction SilentlyContinue
            New-VmClone web1 -Name web3 -UserData @{ a = $secret; b = [IO.FileInfo]$ova } -ErrorAction SilentlyContinue
            $Error
            """);
        var guest = await CloudInitGuest.ReadGuestinfoAsync(_simulator.Vms.Single(vm => vm.Name == "web2").ExtraConfig);
        Assert.Equal(2, guest.UserData!.Split($"\"password\": \"{Secret}\"").Length - 1);
        Assert.Contains("cloud-init user-data + meta-data in guestinfo", run.HostText);
        Assert.DoesNotContain(Secret, run.HostText + string.Join("\n", run.Output.Concat<object>(run.Warnings)) + File.ReadAllText(_folder["session.log"]), StringComparison.Ordinal);
        Assert.DoesNotContain(_simulator.Vms, vm => vm.Name == "web3");
        Assert.Contains("The value of 'b' is a FileInfo", string.Join("\n", run.Output), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-UserData ([IO.FileInfo]$file)", "#!/bin/sh\necho 1\n\n")]
    [InlineData("-UserData $file", "#!/bin/sh\necho 1\n\n")]
    [InlineData("-UserData @('#!/bin/sh', 'echo 1', '')", "#!/bin/sh\necho 1\n")]
    public async Task User_data_is_text_lines_or_a_file(string parameter, string expected)
    {
        _engine["file"] = _folder.Write("init.sh", "#!/bin/sh\necho 1\n\n"u8.ToArray());
        await _engine.MustRunAsync($"Import-VmOva $ova -Name web1 -Datastore datastore1 {parameter}");
        var guest = await CloudInitGuest.ReadGuestinfoAsync(Assert.Single(_simulator.Vms).ExtraConfig);
        Assert.Equal(expected, guest.UserData);
    }

    [Theory]
    [InlineData("-UserData 'nonsense'", "CloudInitUserDataNotRecognised")]
    [InlineData("-VendorData 'nonsense'", "CloudInitUserDataNotRecognised")]
    [InlineData("-NetworkConfig 'nonsense'", "CloudInitNotAMapping")]
    [InlineData("-UserData $noise", "CloudInitTooLarge")]
    public async Task What_can_be_refused_is_refused_before_anything_is_made(string parameter, string id)
    {
        _engine["noise"] = "#!/bin/sh\n" + System.Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(100_000));
        foreach (var whatIf in new[] { " -WhatIf", "" })
            (await _engine.RunAsync($"Import-VmOva $ova -Name web1 -Datastore datastore1 {parameter}{whatIf}")).Error(id);
        Assert.Empty(_simulator.Vms);
    }

    [Fact]
    public async Task A_drive_of_the_users_own_stays_his()
    {
        var iso = _folder.Write("cidata.iso", File.ReadAllBytes(Repository.Path("examples/tiny.iso")));
        _engine["iso"] = iso;
        await _engine.MustRunAsync("""
            New-VmFromIso $iso -Name web1 -Datastore datastore1 -IsoFolder web1 -CloudInitVia Drive -UserData '#!/bin/sh'
            New-VmClone web1 -Name plain; New-VmClone web1 -Name driven -CloudInitVia Drive -UserData '#!/bin/sh'
            Remove-VmInstance web1, driven -Confirm:$false
            """);
        var clone = Assert.Single(_simulator.Vms);
        Assert.Equal(["[datastore1] plain/vmdeploy-cloud-init.iso", "[datastore1] web1/cidata.iso"], clone.Cdroms.Select(cdrom => cdrom.Iso).Order());
        Assert.Equal(File.ReadAllBytes(iso), File.ReadAllBytes(_simulator.LocalPath("[datastore1] web1/cidata.iso")));
        Assert.DoesNotContain("[datastore1] web1/vmdeploy-cloud-init.iso", _simulator.DatastoreFiles());
    }

    [Fact]
    public async Task A_disk_whose_name_ends_like_that_of_a_drive_is_copied()
    {
        await using var xen = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(xen);
        await _engine.MustRunAsync("""
            $vm = New-VmFromTemplate alpine-template -Name web1 -ExtraDiskGB 0.01 -UserData '#!/bin/sh' -Session $session
            """);
        var database = xen.Host.Database;
        lock (database.Gate)
            database.Set(database.All("VDI").Single(vdi => vdi.Name == "web1 disk 1"), "name_label", "data for cloud-init");
        var copy = (await _engine.MustRunAsync("New-VmClone $vm -Name copy")).Single<Vm>();
        Assert.Equal(3, copy.Disks.Count);
        Assert.Single(xen.Inventory(), line => line.EndsWith("copy cloud-init", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_way_alone_gives_host_names_and_XenServer_has_but_one()
    {
        await _engine.MustRunAsync("Import-VmOva $ova -Name 'web server' -Datastore datastore1 -CloudInitVia Guestinfo; New-VmClone 'web server' -Name other -CloudInitVia drive");
        Assert.Equal("web-server", (await CloudInitGuest.ReadGuestinfoAsync(_simulator.Vms.Single(vm => vm.Name == "web server").ExtraConfig)).HostName);
        Assert.Equal("[datastore1] other/vmdeploy-cloud-init.iso", Assert.Single(_simulator.Vms.Single(vm => vm.Name == "other").Cdroms).Iso);

        await using var xen = await XapiSimulator.StartAsync();
        await _engine.ConnectAsync(xen);
        var refused = (await _engine.RunAsync("New-VmFromTemplate alpine-template -Name web1 -UserData '#!/bin/sh' -CloudInitVia Guestinfo -Session $session")).Error("NotSupportedByHost");
        Assert.Equal("Use -CloudInitVia Drive.", refused.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("@{ a = 1.5; b = @($true, $null, 'x'); c = @{} ; d = @() }", "{\"a\": 1.5,\"b\": [true,null,\"x\"],\"c\": {},\"d\": []}")]
    [InlineData("[ordered]@{ z = 'a\"b\\c'; y = [char]9; x = [datetime]'2026-01-02'; w = [DayOfWeek]1 }", "{\"z\": \"a\\\"b\\\\c\",\"y\": \"\\u0009\",\"x\": \"2026-01-02T00:00:00.0000000\",\"w\": \"Monday\"}")]
    public async Task A_hashtable_becomes_JSON(string value, string expected)
    {
        var given = Assert.Single((await _engine.MustRunAsync($", ({value})")).Values);
        var json = string.Concat(((string)new CloudInitTransformationAttribute().Transform(null!, given!)!).Split('\n').Select(line => line.TrimStart()));
        if (value[0] == '[')
            Assert.Equal(expected, json);
        else
            Assert.Equal(System.Text.Json.JsonDocument.Parse(expected).RootElement.EnumerateObject().OrderBy(p => p.Name).Select(p => p.ToString()),
                System.Text.Json.JsonDocument.Parse(json).RootElement.EnumerateObject().OrderBy(p => p.Name).Select(p => p.ToString()));
    }
}

using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Downloads, lists and removes files, on all three simulators.</summary>
public sealed class DatastoreFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_files_of_one_command_do_not_take_the_same_place()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        (engine["iso"], engine["ova"], engine["out"]) = (Repository.Path("examples/tiny.iso"), Repository.Path("examples/tinyVM.ova"), _folder["out.bin"]);
        (await engine.RunAsync("$iso, $ova | Send-VmDatastoreFile -Datastore datastore1 -Destination twice.iso -WhatIf")).Error("FileExists");
        (await engine.RunAsync("$iso, $ova | Send-VmDatastoreFile -Datastore datastore1 -Destination twice.iso -Force")).Error("FileExists");
        Assert.Equal(new FileInfo(Repository.Path("examples/tiny.iso")).Length, (await engine.MustRunAsync("Send-VmDatastoreFile $ova -Datastore datastore1; Get-VmDatastoreFile '[datastore1] twice.iso'")).All<DatastoreFile>()[1].Length);
        (await engine.RunAsync("Get-VmDatastoreFile '[datastore1] *' | Receive-VmDatastoreFile -Destination $out -Force -WhatIf")).Error("LocalFileExists");
    }

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_file_of_vSphere_is_listed_received_and_removed_unless_it_is_used(EsxiMode mode)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["iso"] = Repository.Path("examples/tiny.iso");
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        engine["folder"] = _folder.Path;
        await engine.MustRunAsync("Send-VmDatastoreFile $iso '[datastore1] iso/deep/'");

        var listed = (await engine.MustRunAsync("Get-VmDatastoreFile -Datastore datastore1; Get-VmDatastoreFile iso -Datastore datastore1 -Recurse")).All<DatastoreFile>();
        Assert.Equal(["[datastore1] iso", "[datastore1] iso/deep", "[datastore1] iso/deep/tiny.iso"], listed.Select(file => file.Path));
        Assert.Equal(["Folder", "Folder", "Iso"], listed.Select(file => file.Type));
        Assert.Equal(("tiny.iso", new FileInfo((string)engine["iso"]!).Length), (listed[2].Name, listed[2].Length));
        (await engine.RunAsync("Get-VmDatastoreFile '[datastore1] nothing.iso'")).Error("HostFileNotFound");

        await engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] iso/deep/*.iso' | Receive-VmDatastoreFile -Destination $folder");
        Assert.Equal(File.ReadAllBytes((string)engine["iso"]!), File.ReadAllBytes(_folder["tiny.iso"]));
        (await engine.RunAsync("Receive-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' -Destination $folder")).Error("LocalFileExists");
        (await engine.RunAsync("Receive-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' -Destination $folder/no/such/x")).Error("LocalFileNotWritable");
        await engine.MustRunAsync("Receive-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' -Destination $folder -Force");
        Assert.Single(Directory.GetFiles(_folder.Path));

        await engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1 | Add-VmCdrom -IsoPath '[datastore1] iso/deep/tiny.iso'");
        Assert.Contains("'web1'", (await engine.RunAsync("Remove-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' -Confirm:$false")).Error("FileInUse").Exception.Message, StringComparison.Ordinal);
        (await engine.RunAsync("Remove-VmDatastoreFile '[datastore1] iso' -Recurse -Confirm:$false")).Error("FileInUse");
        foreach (var disk in simulator.DatastoreFiles().Where(file => file.EndsWith(".vmdk", StringComparison.Ordinal)))
            (await engine.RunAsync($"Remove-VmDatastoreFile '{disk}' -Confirm:$false")).Error("FileInUse");
        await engine.MustRunAsync("Remove-VmInstance web1 -Confirm:$false");
        (await engine.RunAsync("Remove-VmDatastoreFile '[datastore1] iso' -Confirm:$false")).Error("FolderNotEmpty");
        Assert.Contains("[datastore1] iso/deep/tiny.iso", (await engine.MustRunAsync("Remove-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' -WhatIf")).HostText, StringComparison.Ordinal);
        await engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] iso/deep/tiny.iso' | Remove-VmDatastoreFile -Confirm:$false; Remove-VmDatastoreFile '[datastore1] iso' -Recurse -Confirm:$false");
        Assert.Empty(simulator.DatastoreFiles());
    }

    [Theory]
    [InlineData("Get-VmDatastoreFile '[datastore2] tiny.iso' datastore1")]
    [InlineData("Receive-VmDatastoreFile '[datastore2] tiny.iso' datastore1 -Destination $folder")]
    [InlineData("Remove-VmDatastoreFile '[datastore2] tiny.iso' datastore1 -Confirm:$false")]
    public async Task A_path_on_another_datastore_than_the_given_one_is_refused(string command)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["iso"] = Repository.Path("examples/tiny.iso");
        engine["folder"] = _folder.Path;
        await engine.MustRunAsync("'datastore1', 'datastore2' | ForEach-Object { Send-VmDatastoreFile $iso $_ }");

        (await engine.RunAsync(command)).Error("DatastorePathInvalid");

        Assert.Equal(2, simulator.DatastoreFiles().Count);
    }

    [Fact]
    public async Task A_file_on_vSAN_is_in_use_under_both_names_of_its_folder()
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VsanDatastores = true });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");
        var disk = (await engine.MustRunAsync("(Get-VmDisk web1).Path")).Single<string>();

        foreach (var path in new[] { disk, disk.Replace("/", " friendly/", StringComparison.Ordinal) })
            (await engine.RunAsync($"Remove-VmDatastoreFile '{path}' -Confirm:$false")).Error("FileInUse");
    }

    [Fact]
    public async Task A_reply_without_a_length_that_ends_early_is_no_file()
    {
        await using var host = await VmDeploy.Tests.Vsphere.SimulatedHost.StartAsync(via: options => options with { WrapHandler = inner => new CutShort(WireContract.Check(inner)) });
        var file = await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(Repository.Path("examples/tiny.iso"), "datastore1"), new VmDeploy.Tests.Vsphere.OnProgress(_ => { }), CancellationToken.None);
        var plan = await host.Session.DatastoreFiles.PlanReceiveAsync(new DatastoreFileRequest(file.Path, null) { Destination = _folder["tiny.iso"] }, CancellationToken.None);

        var failure = await Assert.ThrowsAsync<VmDeployException>(() => plan.RunAsync(new VmDeploy.Tests.Vsphere.OnProgress(_ => { }), CancellationToken.None));

        Assert.Equal(ErrorCodes.DownloadFailed, failure.Code);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private sealed class CutShort(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.Method != HttpMethod.Get || !request.RequestUri!.AbsolutePath.StartsWith("/folder/", StringComparison.Ordinal))
                return response;
            var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            response.Content = new StreamContent(new MemoryStream(content, 0, content.Length / 2));
            response.Content.Headers.ContentLength = null;
            return response;
        }
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(1, false, true)]
    [InlineData(9, false, false)]
    [InlineData(1, true, false)]
    public async Task A_move_that_fails_when_the_old_file_is_gone_never_costs_the_new_one_too(int failedMoves, bool isLookRefused, bool isReplyLost)
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["iso"] = Repository.Path("examples/tiny.iso");
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync("Send-VmDatastoreFile $iso datastore1 kept.bin");
        simulator.Faults.FailTask("MoveDatastoreFile_Task", "NoDiskSpace", "by order", failedMoves);
        if (isReplyLost)
            simulator.Faults.DropReply("MoveDatastoreFile_Task");
        if (isLookRefused)
            simulator.Faults.FailMethod("SearchDatastore_Task", "InvalidDatastore", "no looking", times: 9, skip: 3);

        var run = await engine.RunAsync("Send-VmDatastoreFile $ova datastore1 kept.bin -Force");

        simulator.Faults.Clear();
        var message = run.Error(isReplyLost ? "ConnectionLost" : "DatastoreFull").Exception.Message;
        var left = (await engine.MustRunAsync("Get-VmDatastoreFile '[datastore1] kept*'")).Single<DatastoreFile>();
        Assert.Equal(new FileInfo((string)engine["ova"]!).Length, left.Length);
        if (failedMoves == 1 && !isLookRefused)
            Assert.Equal("[datastore1] kept.bin", left.Path);
        else
            Assert.Contains($"Not rolled back: file '{left.Path}', the complete new '[datastore1] kept.bin' (", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_XenServer_keeps_for_itself_is_not_a_file()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { Guest = _ => XapiGuest.WithTools });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        await engine.MustRunAsync("Import-VmOva $ova -Name web1 -PowerOn | Wait-VmInstance -For Tools | Suspend-VmInstance");

        var files = (await engine.MustRunAsync("Get-VmDatastore | Where-Object Type -NE udev | ForEach-Object { Get-VmDatastoreFile -Datastore $_.Id }")).All<DatastoreFile>();
        Assert.Contains(files, file => file.Type == "Disk");
        Assert.DoesNotContain(files, file => file.Name.Contains("Suspend", StringComparison.OrdinalIgnoreCase));
        await engine.MustRunAsync("Resume-VmInstance web1");
        (await engine.RunAsync("Get-VmDatastoreFile '[ISO library] mine.iso' 'Local storage'")).Error("DatastorePathInvalid");
        engine["iso"] = Repository.Path("examples/tiny.iso");
        (await engine.RunAsync("Send-VmDatastoreFile $iso 'ISO library' \"x`0y\" -WhatIf")).Error("ValueRefused");
    }

    [Fact]
    public async Task The_repository_of_an_ISO_that_is_piped_in_is_not_that_of_the_disks()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["iso"] = Repository.Path("examples/tiny.iso");

        await engine.MustRunAsync("Send-VmDatastoreFile $iso 'ISO library' mine.iso | New-VmFromIso -Name web1");

        Assert.Equal("web1", Assert.Single(simulator.Vms).Name);
    }

    [Fact]
    public async Task A_VDI_of_XenServer_is_listed_received_and_removed_unless_it_is_used()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        var content = Iso.Mark(new byte[70_001]);
        engine["iso"] = _folder.Write("mine.iso", content);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        engine["folder"] = Directory.CreateDirectory(_folder["to"]).FullName;
        await engine.MustRunAsync("Send-VmDatastoreFile $iso");

        var file = (await engine.MustRunAsync("Get-VmDatastoreFile mine*")).Single<DatastoreFile>();
        Assert.Equal(("[ISO library] mine.iso", "Iso", 70_001), (file.Path, file.Type, file.Length));
        await engine.MustRunAsync("Get-VmDatastoreFile mine.iso | Receive-VmDatastoreFile -Destination $folder");
        Assert.Equal(content, File.ReadAllBytes(Path.Combine((string)engine["folder"]!, "mine.iso")));

        await engine.MustRunAsync("Import-VmOva $ova -Name web1 | Add-VmCdrom -IsoPath mine.iso");
        Assert.Contains("'web1'", (await engine.RunAsync("Remove-VmDatastoreFile mine.iso -Confirm:$false")).Error("FileInUse").Exception.Message, StringComparison.Ordinal);
        await engine.MustRunAsync("Remove-VmInstance web1 -Confirm:$false");

        simulator.Faults.FailCall("GET export_raw_vdi", "VDI_IO_ERROR", ["Device I/O errors"]);
        (await engine.RunAsync("Receive-VmDatastoreFile mine.iso -Destination $folder/other.iso")).Error("StorageFailed");
        Assert.Single(Directory.GetFiles((string)engine["folder"]!));

        await engine.MustRunAsync("Get-VmDatastoreFile mine.iso | Remove-VmDatastoreFile -Confirm:$false");
        (await engine.RunAsync("Get-VmDatastoreFile mine.iso")).Error("HostFileNotFound");
    }

    [Fact]
    public async Task A_download_that_is_stopped_leaves_the_local_folder_as_it_was()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["folder"] = _folder.Path;
        await using (var big = File.Create(simulator.LocalPath("[datastore1] big.bin")))
            big.SetLength(16L << 30);
        var old = _folder.Write("big.bin", [1, 2, 3]);

        var run = engine.Begin("Receive-VmDatastoreFile '[datastore1] big.bin' -Destination $folder -Force");
        await Shell.UntilAsync(() => Directory.GetFiles(_folder.Path).Any(file => file != old && new FileInfo(file).Length > 0), "bytes have arrived");
        await run.StopAsync();

        Assert.True((await run.ResultAsync()).WasStopped);
        Assert.Equal([old], Directory.GetFiles(_folder.Path));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(old));
    }
}

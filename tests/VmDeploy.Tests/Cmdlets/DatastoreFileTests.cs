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
        await engine.MustRunAsync("Send-VmDatastoreFile $iso datastore1 iso/deep/");

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
}

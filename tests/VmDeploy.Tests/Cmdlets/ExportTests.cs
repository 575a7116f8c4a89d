using VmDeploy.PowerShell;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Export-VmOva in the engine.</summary>
public sealed class ExportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(EsxiMode.Esxi)]
    [InlineData(EsxiMode.VCenter)]
    public async Task A_package_goes_down_the_pipeline_and_back_to_the_host(EsxiMode mode)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        await RoundTripAsync(engine, "-Datastore datastore1 -HostName localhost.localdomain");
        Assert.Equal(["web1", "web2"], simulator.Vms.Select(vm => vm.Name).Order());
        Assert.Equal(0, simulator.OpenLeases);
    }

    [Fact]
    public async Task A_package_of_XenServer_goes_down_the_pipeline_and_back()
    {
        await using var simulator = await XapiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        await RoundTripAsync(engine, "");
        await engine.MustRunAsync("Get-VmInstance web2 | ConvertTo-VmTemplate");
        var package = (await engine.MustRunAsync("Get-VmTemplate web2 | Export-VmOva -Path $folder -Compress Optimal")).Single<ExportedPackage>();
        Assert.Equal(("web2.ova", "web2"), (package.FileName, package.VmName));
    }

    [Fact]
    public async Task A_lease_whose_reply_was_lost_is_waited_for_with_a_warning()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        (engine["ova"], engine["out"]) = (Repository.Path("examples/tinyVM.ova"), _folder["out.ova"]);
        await engine.MustRunAsync("Import-VmOva $ova -Name web1 -Datastore datastore1");
        simulator.Faults.LeaseTimeout = TimeSpan.FromSeconds(2);
        simulator.Faults.DropReply("ExportVm");

        var run = await engine.RunAsync("Export-VmOva web1 $out");
        run.Error("ConnectionLost");
        Assert.Contains("web1: the reply of the host was lost, and with it the lease", Assert.Single(run.Warnings), StringComparison.Ordinal);
        Assert.Equal(0, simulator.OpenLeases);
        await engine.MustRunAsync("Export-VmOva web1 $out");
    }

    [Fact]
    public async Task Files_are_not_overwritten_unasked_nor_by_another_VM()
    {
        await using var simulator = await EsxiSimulator.StartAsync();
        using var engine = Engine.Start();
        await engine.ConnectAsync(simulator);
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        engine["folder"] = _folder.Path;
        await engine.MustRunAsync("Import-VmOva $ova -Name web1, web2 -Datastore datastore1");

        var run = await engine.RunAsync("Export-VmOva web* $folder/one.ova -Force");
        run.Error("LocalFileExists");
        Assert.Equal("web1", run.Single<ExportedPackage>().VmName);
        (await engine.RunAsync("Export-VmOva web2 $folder/one.ova")).Error("LocalFileExists");
        Assert.Equal("web2", (await engine.MustRunAsync("Export-VmOva web2 $folder/one.ova -Force")).Single<ExportedPackage>().VmName);
        Assert.Equal(2, (await engine.MustRunAsync("Get-VmInstance web* | Export-VmOva -Path $folder/")).All<ExportedPackage>().Count);
        Assert.Equal(["one.ova", "web1.ova", "web2.ova"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());

        (await engine.RunAsync("Export-VmOva web1 $folder/x.ovf")).Error("LocalFileNotWritable");
        (await engine.RunAsync("Export-VmOva web1 $folder/x.ova -Format Ovf")).Error("LocalFileNotWritable");
        (await engine.RunAsync("Export-VmOva web1 \"$folder/x`0y\" -WhatIf")).Error("PathNotOnFileSystem");
        if (!OperatingSystem.IsWindows())
            (await engine.RunAsync("Export-VmOva web1 /dev/null -Force")).Error("LocalFileNotWritable");
        (await engine.RunAsync("Export-VmOva none")).Error("VmNotFound");
        (await engine.RunAsync("Export-VmOva web1 Env:/x.ova")).Error("PathNotOnFileSystem");
        (await engine.RunAsync("Get-VmDatastore datastore1 | Export-VmOva")).Error("NotAVm");
        await engine.MustRunAsync("Start-VmInstance web1");
        (await engine.RunAsync("Export-VmOva web1 $folder/running.ova")).Error("ExportSourceRunning");
        var rows = (await engine.MustRunAsync("[pscustomobject]@{ name = 'web1'; snapshot = $true; format = 'ovf'; manifest = 'SHA512' } | Export-VmOva -Path $folder/rows")).Single<ExportedPackage>();
        Assert.Equal(_folder["rows/web1.ovf"], rows.Path);
    }

    // WhatIf first: it says where to, and makes nothing.
    private async Task RoundTripAsync(Engine engine, string place)
    {
        engine["ova"] = Repository.Path("examples/tinyVM.ova");
        engine["folder"] = _folder.Path;
        await engine.MustRunAsync($"Import-VmOva $ova -Name web1 {place}");
        var told = (await engine.MustRunAsync("Export-VmOva web1 $folder/web1.ova -WhatIf")).HostText;
        Assert.Contains(_folder["web1.ova"], told, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));

        var package = (await engine.MustRunAsync("Export-VmOva web1 $folder/web1.ova")).Single<ExportedPackage>();
        Assert.Equal((_folder["web1.ova"], new FileInfo(_folder["web1.ova"]).Length), (package.FullName, package.Length));
        engine["package"] = package;
        Assert.Equal(nameof(OvaIntegrity.Intact), (await engine.MustRunAsync("$package | Get-VmOva -Verify")).Single<OvaSummary>().Integrity);
        Assert.Equal("web2", (await engine.MustRunAsync($"$package | Import-VmOva -Name web2 {place}")).Single<Vm>().Name);
    }
}

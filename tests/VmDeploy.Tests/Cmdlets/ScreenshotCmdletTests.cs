using VmDeploy.Simulator.Xapi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Get-VmScreenshot in the engine: new and existing files.</summary>
public sealed class ScreenshotCmdletTests
{
    [Fact]
    public async Task Pictures_are_saved_and_nothing_is_overwritten_unasked()
    {
        await using var simulator = await XapiSimulator.StartAsync(new XapiSimulatorOptions { VmCount = 2 });
        using var engine = Engine.Start();
        using var folder = new TempFolder();
        await engine.ConnectAsync(simulator);
        engine["folder"] = folder.Path;
        await engine.MustRunAsync("Get-VmInstance | Start-VmInstance");

        var plain = (await engine.MustRunAsync("Get-VmScreenshot vm-00001")).Single<VmScreenshot>();
        Assert.Null(plain.Path);
        Assert.Equal((640, 480), PictureFile.OpenJpeg(plain.Bytes));

        var saved = (await engine.MustRunAsync("Get-VmInstance | Get-VmScreenshot -Path $folder")).All<VmScreenshot>();
        Assert.Equal(["vm-00001.jpg", "vm-00002.jpg"], saved.Select(one => Path.GetFileName(one.Path)));
        Assert.All(saved, one => Assert.Equal(one.Bytes, File.ReadAllBytes(one.Path!)));
        Assert.Equal(["vm-00001.jpg", "vm-00002.jpg"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).Order());

        await File.WriteAllTextAsync(saved[0].Path!, "mine");
        (await engine.RunAsync("Get-VmScreenshot vm-00001 $folder")).Error("LocalFileExists");
        Assert.Equal("mine", await File.ReadAllTextAsync(saved[0].Path!));
        await engine.MustRunAsync("Get-VmScreenshot vm-00001 $folder -Force");
        Assert.Equal(saved[0].Bytes, await File.ReadAllBytesAsync(saved[0].Path!));

        // One file for two VMs: the second picture does not replace the first.
        var run = await engine.RunAsync("Get-VmScreenshot vm-* $folder/one.png -Force");
        Assert.DoesNotContain("-Force", run.Error("LocalFileExists").ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("contains a JPEG picture", Assert.Single(run.Warnings));
        (await engine.RunAsync("Get-VmScreenshot vm-00001 $folder/none/one.jpg")).Error("LocalFileNotWritable");
        (await engine.RunAsync("Get-VmScreenshot vm-00001 Env:/one.jpg")).Error("PathNotOnFileSystem");
        await engine.MustRunAsync("Stop-VmInstance vm-00001 -Force -Confirm:$false");
        (await engine.RunAsync("Get-VmScreenshot vm-00001")).Error("WrongPowerState");
    }
}

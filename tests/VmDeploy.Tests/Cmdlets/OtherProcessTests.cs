using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>
/// The engine in processes with only the module's own files, unlike this one, whose own references would
/// replace a library that the module lacks.
/// </summary>
public sealed class OtherProcessTests
{
    private const string Logging = "Microsoft.Extensions.Logging.Abstractions";

    [Fact]
    public async Task QuickStart_goes_through_the_module_without_a_PowerShell_installed()
    {
        var output = await RunAsync("examples/QuickStart/bin/{0}/net10.0/QuickStart.dll", "", "--in-process");

        Assert.Contains("Through the PowerShell module in", output);
        Assert.Contains("run by the PowerShell engine in this process", output);
        Assert.Contains("QuickStart: all true.", output);
    }

    [Theory]
    [InlineData(6, "before")]
    [InlineData(99, "before")]
    [InlineData(6, "after")]
    [InlineData(99, "after")]
    public async Task The_module_works_beside_another_version_of_the_logging_library(ushort major, string order)
    {
        await using var simulator = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VmCount = 2 });
        using var folder = new TempFolder();
        var decoy = CopyAsVersion(Path.Combine(Path.GetDirectoryName(Engine.ModulePath)!, "lib", Logging + ".dll"), folder[Logging + ".dll"], major);
        var load = $"[Reflection.Assembly]::LoadFrom('{decoy}').FullName";
        var use = $"""
            Import-Module '{Engine.ModulePath}'
            $password = [securestring]::new(); '{simulator.Password}'.ToCharArray() | ForEach-Object {"{ $password.AppendChar($_) }"}
            $null = Connect-Esxi {simulator.Server} ([pscredential]::new('{simulator.UserName}', $password)) -Port {simulator.HttpsPort} -CertificateThumbprint {simulator.Thumbprint}
            """;
        const string look = "'VMs: ' + @(Get-VmInstance).Count";

        var output = await RunEngineAsync(string.Join("\n", order == "before" ? [load, use, look] : [use, look, load, look]));

        Assert.Contains("VMs: 2", output);
        Assert.Contains($"{Logging}, Version={major}.", output);
    }

    [Fact]
    public async Task Importing_the_module_loads_none_of_its_libraries()
    {
        var output = await RunEngineAsync($"Import-Module '{Engine.ModulePath}'; [AppDomain]::CurrentDomain.GetAssemblies().Location");

        Assert.Contains("VmDeploy.dll", output);
        Assert.DoesNotContain("Microsoft.Extensions", output);
    }

    private static Task<string> RunEngineAsync(string script) => RunAsync(EngineScript.Program, script);

    private static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        using var process = EngineScript.Start(program, input, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync() + await error;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output);
        return output;
    }

    // The real library with another version number in its metadata (ECMA-335 II.22.2), as another module would ship it.
    private static string CopyAsVersion(string from, string to, ushort major)
    {
        var bytes = File.ReadAllBytes(from);
        using var image = new PEReader(new MemoryStream(bytes));
        var table = image.GetMetadataReader().GetTableMetadataOffset(TableIndex.Assembly);
        BitConverter.GetBytes(major).CopyTo(bytes, image.PEHeaders.MetadataStartOffset + table + 4);
        File.WriteAllBytes(to, bytes);
        return to;
    }
}

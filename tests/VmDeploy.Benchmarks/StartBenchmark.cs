using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>
/// The first cmdlets of new PowerShell processes with the package as <c>build.ps1 Pack</c> lays it, and without its
/// assemblies that are compiled ahead of time, by turns; and Import-Module of both and of an empty module.
/// </summary>
internal static class StartBenchmark
{
    private const double MostMilliseconds = 150;
    private const double MostOfUncompiled = 0.85;

    public static async Task<bool> RunAsync(int rounds)
    {
        Console.WriteLine("A fresh PowerShell, milliseconds:");
        var folder = Directory.CreateTempSubdirectory("vmdeploy-benchmark-");
        try
        {
            await using var host = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { VmCount = 3 });
            var empty = Path.Combine(folder.FullName, "Empty.psd1");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Empty.psm1"), "");
            await File.WriteAllTextAsync(empty,
                "@{ RootModule = 'Empty.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @(); VariablesToExport = @() }");
            string package = await PackAsync(folder, compiled: true), uncompiled = await PackAsync(folder, compiled: false);

            List<double> emptyTimes = [];
            List<double[]> packageTimes = [], uncompiledTimes = [];
            for (var round = 0; round <= rounds; round++)
            {
                emptyTimes.Add((await RunAsync(Import(empty)))[0]);
                packageTimes.Add(await RunAsync(Import(package) + FirstCmdlets(host)));
                uncompiledTimes.Add(await RunAsync(Import(uncompiled) + FirstCmdlets(host)));
            }
            emptyTimes.RemoveAt(0); // the disk is warm
            packageTimes.RemoveAt(0);
            uncompiledTimes.RemoveAt(0);

            double[] time = Medians(packageTimes), yardstick = Medians(uncompiledTimes);
            double nothing = Statistics.Median(emptyTimes), part = time[1..].Sum() / yardstick[1..].Sum();
            bool light = time[0] - nothing < MostMilliseconds, fast = part <= MostOfUncompiled;
            Console.WriteLine("                Import-Module  Connect-Esxi  Get-VmInstance  Import-VmOva -WhatIf  Import-VmOva");
            Print("VmDeploy", time);
            Print("not compiled", yardstick);
            Console.WriteLine($"  empty module  {nothing,13:F0}   less than {MostMilliseconds:F0} more: {Word(light)}");
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the cmdlets take {part:F2} of the time that they take without; target at most {MostOfUncompiled:F2}: {Word(fast)}"));
            return light && fast;
        }
        catch (Win32Exception)
        {
            Console.WriteLine("  skipped: pwsh not found on PATH");
            return true;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> PackAsync(DirectoryInfo folder, bool compiled)
    {
        var module = Path.Combine(folder.FullName, compiled ? "compiled" : "uncompiled", "VmDeploy");
        await Foreign.RunAsync("dotnet", "publish", Repository.Path("src/VmDeploy.ReadyToRun"), "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier,
            "-v", "q", "--nologo", $"-p:ModuleFolder={module}/");
        if (!compiled)
            Directory.Delete(Path.Combine(module, "compiled"), recursive: true);
        return Path.Combine(module, "VmDeploy.psd1");
    }

    private static string Import(string module) => $$"""
        function Measure-Step([scriptblock]$Step) {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $null = & $Step
            $clock.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)
        }
        $ErrorActionPreference = 'Stop'
        Measure-Step { Import-Module '{{module}}' -Scope Global }

        """;

    private static string FirstCmdlets(EsxiSimulator host) => $$"""
        $login = [pscredential]::new('{{host.UserName}}', (ConvertTo-SecureString '{{host.Password}}' -AsPlainText -Force))
        Measure-Step { Connect-Esxi {{host.Server}} $login -Port {{host.HttpsPort}} -CertificateThumbprint {{host.Thumbprint}} }
        Measure-Step { Get-VmInstance }
        $ova = @{ Path = '{{Repository.Path("examples/tinyVM.ova")}}'; Name = "start$pid"; Datastore = 'datastore1' }
        Measure-Step { Import-VmOva @ova -WhatIf *> $null }
        Measure-Step { Import-VmOva @ova }
        Remove-VmInstance "start$pid" -Confirm:$false
        """;

    private static async Task<double[]> RunAsync(string script) => [.. (await Foreign.RunAsync("pwsh", "-NoProfile", "-NonInteractive", "-Command", script))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.TryParse(line, CultureInfo.InvariantCulture, out var time) ? time : double.NaN).Where(double.IsFinite)];

    private static double[] Medians(List<double[]> times) => [.. Enumerable.Range(0, times[0].Length).Select(step => Statistics.Median([.. times.Select(time => time[step])]))];

    private static void Print(string name, double[] times) =>
        Console.WriteLine($"  {name,-14}{times[0],13:F0}  {times[1],12:F0}  {times[2],14:F0}  {times[3],20:F0}  {times[4],12:F0}");

    private static string Word(bool good) => good ? "met" : "MISSED";
}

using System.ComponentModel;
using System.Globalization;
using VmDeploy.Tests.Support;

namespace VmDeploy.Benchmarks;

/// <summary>Import-Module of VmDeploy and of an empty module, in new PowerShell processes by turns.</summary>
internal static class ImportBenchmark
{
    private const double MostMilliseconds = 150;

    public static async Task<bool> RunAsync(int rounds)
    {
        Console.WriteLine("Import-Module in a fresh PowerShell, milliseconds:");
        var folder = Directory.CreateTempSubdirectory("vmdeploy-benchmark-");
        try
        {
            var empty = Path.Combine(folder.FullName, "Empty.psd1");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "Empty.psm1"), "");
            await File.WriteAllTextAsync(empty,
                "@{ RootModule = 'Empty.psm1'; ModuleVersion = '1.0'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @(); VariablesToExport = @() }");
            var own = Repository.Path("out/VmDeploy/VmDeploy.psd1");
            List<double> emptyTimes = [], ownTimes = [];
            for (var round = 0; round <= rounds; round++)
            {
                emptyTimes.Add(await ImportAsync(empty));
                ownTimes.Add(await ImportAsync(own));
            }
            emptyTimes.RemoveAt(0); // the disk is warm
            ownTimes.RemoveAt(0);

            double yardstick = Statistics.Median(emptyTimes), time = Statistics.Median(ownTimes);
            var good = time - yardstick < MostMilliseconds;
            Console.WriteLine($"  VmDeploy     {time,5:F0}");
            Console.WriteLine($"  empty module {yardstick,5:F0}   VmDeploy takes {time - yardstick:F0} more");
            Console.WriteLine($"  target less than {MostMilliseconds:F0} more: {(good ? "met" : "MISSED")}");
            return good;
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

    private static async Task<double> ImportAsync(string module) => double.Parse(await Foreign.RunAsync("pwsh", "-NoProfile", "-NonInteractive", "-Command",
        $"$c = [Diagnostics.Stopwatch]::StartNew(); Import-Module '{module.Replace("'", "''", StringComparison.Ordinal)}' -ErrorAction Stop; $c.Elapsed.TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)"),
        CultureInfo.InvariantCulture);
}

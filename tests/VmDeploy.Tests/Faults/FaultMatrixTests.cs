using System.Diagnostics;
using System.Globalization;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Faults;

/// <summary>
/// Each fault at each call of each operation. A random part always runs; all of it with VMDEPLOY_MATRIX=full (or as many
/// cells for each hypervisor as VMDEPLOY_MATRIX says), which also writes the table to <c>out/fault-matrix-*.md</c>.
/// </summary>
public sealed class FaultMatrixTests
{
    private static string? Setting(string name) => Environment.GetEnvironmentVariable(name);

    /// <summary>Cells for each hypervisor.</summary>
    private static int Part => Setting("VMDEPLOY_MATRIX") switch
    {
        "full" => int.MaxValue,
        { } number => int.Parse(number, CultureInfo.InvariantCulture),
        null => 200,
    };

    private static bool IsReported => Setting("VMDEPLOY_MATRIX") is not null;

    [Theory]
    [InlineData(HypervisorKind.Esxi)]
    [InlineData(HypervisorKind.VCenter)]
    [InlineData(HypervisorKind.XenServer)]
    public async Task Whatever_single_call_goes_wrong_the_host_holds_what_it_held(HypervisorKind kind)
    {
        var seed = int.Parse(Setting("VMDEPLOY_SEED") ?? "1", CultureInfo.InvariantCulture);
        var matrix = new FaultMatrix(kind);
        var cells = await matrix.PlanAsync(uploadCuts: IsReported ? 10 : 2, seed);
        // VMDEPLOY_CELLS picks those whose line contains it.
        var chosen = cells.Where(c => Setting("VMDEPLOY_CELLS") is not { } word || c.ToString().Contains(word, StringComparison.Ordinal)).ToArray();
        new Random(seed).Shuffle(chosen);
        var clock = Stopwatch.StartNew();
        await matrix.RunAsync(chosen.Take(Part), parallel: IsReported ? 24 : 12);

        var bad = matrix.Results.Where(r => r.Problem is not null).ToList();
        if (IsReported)
        {
            await File.WriteAllTextAsync(Repository.Path($"out/fault-matrix-{kind}.md"),
                $"{matrix.Table()}\n{matrix.Results.Count} of {cells.Count} cells, {bad.Count} bad, {clock.Elapsed.TotalSeconds:0} s\n\n" +
                string.Concat(bad.Select(r => $"- {r.Cell}\n  {r.Problem}\n")) + "\nSlowest:\n" +
                string.Concat(matrix.Results.OrderByDescending(r => r.Time).Take(10).Select(r => $"- {r.Time.TotalSeconds:0.0} s {r.Cell}\n")));
        }
        Assert.True(bad.Count == 0, $"{bad.Count} of {matrix.Results.Count} cells\n{string.Join("\n", bad.Select(r => $"{r.Cell}\n  {r.Problem}"))}");
    }
}

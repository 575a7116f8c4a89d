using System;
using System.IO;
using System.Linq;
using System.Threading;
using VmDeploy;
using VmDeploy.QuickStart;
using VmDeploy.Simulator.Esxi;

// dotnet run --project examples/QuickStart [-- --direct]
// Starts a simulated ESXi host, imports an OVA three times as a JSON file says, and compares what the host then holds
// with the OVA. Through the PowerShell module where a PowerShell is on PATH, else (or with --direct) through the library.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

string folder = AppContext.BaseDirectory;
Job job = Job.Read(Path.Combine(folder, "config_question7.json"));
await using EsxiSimulator host = await EsxiSimulator.StartAsync(cancellationToken: stop.Token);
foreach (string line in host.Describe())
    Console.WriteLine(line);

try
{
    if (!args.Contains("--direct") && PowerShellRun.Find() is { } shell)
    {
        Console.WriteLine($"Way: through the PowerShell module, in {shell}");
        await PowerShellRun.RunAsync(shell, folder, host, stop.Token);
    }
    else
    {
        Console.WriteLine($"Way: through the library, {(args.Contains("--direct") ? "as asked" : "because no PowerShell is on PATH")}");
        await DirectRun.RunAsync(job, folder, host, stop.Token);
    }
}
catch (VmDeployException e)
{
    Console.Error.WriteLine($"{e.Code.Id}: {e.Message} {e.Advice}");
}
catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
}

Console.WriteLine();
Console.WriteLine("Compared with the archive:");
bool good = Comparison.Holds(job, folder, host);
Console.WriteLine(good ? "QuickStart: all true." : "QuickStart: FAILED.");
return good ? 0 : 1;

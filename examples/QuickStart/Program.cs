using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy;
using VmDeploy.QuickStart;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

// dotnet run --project examples/QuickStart [-- --direct]
// Does what four JSON files say on a simulated ESXi host (an OVA imported three times, four clones, a VM from scratch with an
// ISO) and on a simulated XenServer (the OVA again, a VM from a template), and compares what the hosts then hold with the
// files. Through the PowerShell module where a PowerShell is on PATH, else (or with --direct) through the library.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var jobs = Jobs.Read(AppContext.BaseDirectory);
var vmdk = Archive.ReadDisk(jobs.Ova);
var shell = args.Contains("--direct") ? null : PowerShellRun.Find();
Console.WriteLine(shell is not null
    ? $"Way: through the PowerShell module, in {shell}"
    : $"Way: through the library, {(args.Contains("--direct") ? "as asked" : "because no PowerShell is on PATH")}");

var comparison = new Comparison();
await using (var host = await EsxiSimulator.StartAsync(cancellationToken: stop.Token))
{
    await DoAsync(host.Describe().First(), HostLogin.To(host));
    comparison.Check(host, jobs, vmdk);
}
await using (var host = await XapiSimulator.StartAsync(cancellationToken: stop.Token))
{
    await DoAsync(host.Describe().First(), HostLogin.To(host));
    comparison.Check(host, jobs, vmdk);
}
Console.WriteLine();
Console.WriteLine(comparison.IsGood ? "QuickStart: all true." : "QuickStart: FAILED.");
return comparison.IsGood ? 0 : 1;

async Task DoAsync(string title, HostLogin login)
{
    Console.WriteLine();
    Console.WriteLine($"== {title}");
    try
    {
        if (shell is not null)
            await PowerShellRun.RunAsync(shell, jobs.Folder, login, stop.Token);
        else
            await DirectRun.RunAsync(login, jobs, stop.Token);
    }
    catch (VmDeployException e)
    {
        Console.Error.WriteLine($"{e.Code.Id}: {e.Message}");
    }
    catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
    {
        Console.Error.WriteLine(e.Message);
    }
    Console.WriteLine("Compared with the files:");
}

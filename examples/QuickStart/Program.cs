using System.Reflection;
using VmDeploy.QuickStart;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

// dotnet run --project examples/QuickStart [-- --in-process]
// Does what four JSON files say on a simulated ESXi host (an OVA imported three times, four clones, a VM from scratch with an
// ISO) and on a simulated XenServer (the OVA again, a VM from a template), and compares what the hosts then hold with the
// files. Always through the PowerShell module: in the PowerShell on PATH, or otherwise (or with --in-process) in this process.
using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var jobs = Jobs.Read(AppContext.BaseDirectory);
var vmdk = Archive.ReadDisk(jobs.Ova);
var module = typeof(ShellRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "ModuleFolder").Value!;
var shell = args.Contains("--in-process") ? null : ShellRun.Find();
Console.WriteLine($"Through the PowerShell module in {module}, run by {shell ?? "the PowerShell engine in this process"}.");

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
            await ShellRun.RunAsync(shell, module, jobs.Folder, login, stop.Token);
        else
            await EngineRun.RunAsync(module, jobs.Folder, login, stop.Token);
    }
    catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
    {
        Console.Error.WriteLine(e.Message);
    }
    Console.WriteLine("Compared with the files:");
}

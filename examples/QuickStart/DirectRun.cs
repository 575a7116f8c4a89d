using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.QuickStart;

/// <summary>The jobs through VmDeploy.Core, as a program of one's own would do them.</summary>
internal static class DirectRun
{
    public static async Task RunAsync(HostLogin login, Jobs jobs, CancellationToken cancellationToken)
    {
        using var package = await OvaPackage.OpenAsync(jobs.Ova, cancellationToken);
        var import = new OvaImportRequest(package.Path) { Names = jobs.Import.Names };
        if (login.Kind == HypervisorKind.Esxi)
        {
            using var session = await VsphereSession.ConnectAsync(login.Options, NullLogger.Instance, cancellationToken);
            import = import with { Datacenter = jobs.Import.Datacenter, Datastore = jobs.Import.Datastore, HostName = jobs.Import.HostName };
            await RunAsync(await session.PlanOvaImportAsync(import, package, cancellationToken), cancellationToken);
            await CloneAsync(session, jobs.Clones, cancellationToken);
            await MakeFromIsoAsync(session, jobs, cancellationToken);
        }
        else
        {
            using var session = await XapiSession.ConnectAsync(login.Options, NullLogger.Instance, cancellationToken);
            await RunAsync(await session.PlanOvaImportAsync(import, package, cancellationToken), cancellationToken);
            await MakeFromTemplateAsync(session, jobs.Template, cancellationToken);
        }
    }

    private static async Task CloneAsync(VmSession session, CloneJob job, CancellationToken cancellationToken)
    {
        var sources = await session.GetVmsAsync(new VmQuery { NameFilter = name => name == job.Source }, cancellationToken);
        var request = new CloneRequest(sources[0]) { Names = job.Names, Datastore = job.Datastore };
        await RunAsync(await session.PlanCloneAsync(request, cancellationToken), cancellationToken);
    }

    private static async Task MakeFromIsoAsync(VmSession session, Jobs jobs, CancellationToken cancellationToken)
    {
        await session.SendFileAsync(new SendFileRequest(jobs.IsoFile, jobs.Iso.Datastore) { Path = "iso/" }, new ConsoleProgress(), cancellationToken);
        var request = new IsoVmRequest(jobs.Iso.IsoPath) { Names = [jobs.Iso.Name], Datastore = jobs.Iso.Datastore, PowerOn = true };
        await RunAsync(await session.PlanIsoVmAsync(request, cancellationToken), cancellationToken);
    }

    private static async Task MakeFromTemplateAsync(VmSession session, TemplateJob job, CancellationToken cancellationToken)
    {
        var request = new TemplateRequest(job.Template)
        {
            Names = [job.Name],
            CpuCount = job.CpuCount,
            MemoryMB = job.MemoryMB,
            DiskBytes = (long)job.DiskGB << 30,
            CloudInit = new CloudInitData { UserData = $"#cloud-config\nhostname: {job.Name}\n" },
            PowerOn = true,
        };
        await RunAsync(await session.PlanTemplateAsync(request, cancellationToken), cancellationToken);
    }

    private static async Task RunAsync(DeploymentPlan plan, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{plan.Action} to {plan.Destination}");
        var made = new List<Vm>();
        await plan.RunAsync(plan.Names, made.Add,
            (name, failure) => Console.Error.WriteLine($"{name}: {failure.Message}"),
            new ConsoleProgress(), cancellationToken);
        PrintTable(made.OrderBy(vm => vm.Name, StringComparer.Ordinal));
    }

    private static void PrintTable(IEnumerable<Vm> vms)
    {
        const string format = "{0,-13} {1,-6} {2,4} {3,9} {4,-43} {5}";
        Console.WriteLine();
        Console.WriteLine(format, "Name", "Power", "CPUs", "Memory", "Network", "Disk");
        foreach (var vm in vms)
        {
            Console.WriteLine(format, vm.Name, vm.PowerState, vm.CpuCount, $"{vm.MemoryMB} MiB",
                string.Join(", ", vm.NetworkAdapters.Select(nic => nic.NetworkName)),
                string.Join(", ", vm.Disks.Select(disk => disk.Path)));
        }
        Console.WriteLine();
    }

    /// <summary>One line for each step that has begun or ended.</summary>
    private sealed class ConsoleProgress : IProgress<OperationProgress>
    {
        private readonly Lock _gate = new();
        private readonly HashSet<string> _shown = [];

        public void Report(OperationProgress value)
        {
            if (value.IsCompleted)
                return;
            var line = $"  {value.Activity}: {value.Status}";
            if (value.BytesTotal is { } total)
                line += $" {value.BytesDone:N0} of {total:N0} bytes";
            lock (_gate)
            {
                if (_shown.Add(line))
                    Console.WriteLine(line);
            }
        }
    }
}

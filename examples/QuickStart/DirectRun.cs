using System;
using System.Collections.Generic;
using System.IO;
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
    public static async Task RunAsync(HostLogin login, Job job, TemplateJob template, string folder, CancellationToken cancellationToken)
    {
        using OvaPackage package = await OvaPackage.OpenAsync(Path.Combine(folder, job.OvfPath), cancellationToken);
        var request = new OvaImportRequest(package.Path) { Names = job.Names };
        if (login.Kind == HypervisorKind.Esxi)
        {
            using VmSession session = await VsphereSession.ConnectAsync(login.Options, NullLogger.Instance, cancellationToken);
            request = request with { Datacenter = job.Datacenter, Datastore = job.Datastore, HostName = job.HostName };
            await RunAsync(await session.PlanOvaImportAsync(request, package, cancellationToken), cancellationToken);
        }
        else
        {
            using VmSession session = await XapiSession.ConnectAsync(login.Options, NullLogger.Instance, cancellationToken);
            await RunAsync(await session.PlanOvaImportAsync(request, package, cancellationToken), cancellationToken);
            var fromTemplate = new TemplateRequest(template.Template)
            {
                Names = [template.Name],
                CpuCount = template.CpuCount,
                MemoryMB = template.MemoryMB,
                DiskBytes = (long)template.DiskGB << 30,
                CloudInit = new CloudInitData { UserData = $"#cloud-config\nhostname: {template.Name}\n" },
                PowerOn = true,
            };
            await RunAsync(await session.PlanTemplateAsync(fromTemplate, cancellationToken), cancellationToken);
        }
    }

    private static async Task RunAsync(DeploymentPlan plan, CancellationToken cancellationToken)
    {
        Console.WriteLine($"{plan.Action} to {plan.Destination}");
        var made = new List<Vm>();
        await plan.RunAsync(plan.Names, made.Add,
            (name, failure) => Console.Error.WriteLine($"{name}: {failure.Message} {failure.Advice}"),
            new ConsoleProgress(), cancellationToken);
        PrintTable(made.OrderBy(vm => vm.Name, StringComparer.Ordinal));
    }

    private static void PrintTable(IEnumerable<Vm> vms)
    {
        const string format = "{0,-10} {1,-6} {2,4} {3,9} {4,-43} {5}";
        Console.WriteLine();
        Console.WriteLine(format, "Name", "Power", "CPUs", "Memory", "Network", "Disk");
        foreach (Vm vm in vms)
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
            string line = $"  {value.Activity}: {value.Status}";
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

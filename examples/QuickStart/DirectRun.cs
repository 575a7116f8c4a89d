using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Vsphere;

namespace VmDeploy.QuickStart;

/// <summary>The job through VmDeploy.Core, as a program of one's own would do it.</summary>
internal static class DirectRun
{
    public static async Task RunAsync(Job job, string folder, EsxiSimulator host, CancellationToken cancellationToken)
    {
        var options = new ConnectOptions(host.Server, new NetworkCredential(host.UserName, host.Password))
        {
            Port = host.HttpsPort,
            CertificateThumbprint = host.Thumbprint,
        };
        using VmSession session = await VsphereSession.ConnectAsync(options, NullLogger.Instance, cancellationToken);
        using OvaPackage package = await OvaPackage.OpenAsync(Path.Combine(folder, job.OvfPath), cancellationToken);
        var request = new OvaImportRequest(package.Path)
        {
            Names = job.Names,
            Datacenter = job.Datacenter,
            Datastore = job.Datastore,
            HostName = job.HostName,
        };
        DeploymentPlan plan = await session.PlanOvaImportAsync(request, package, cancellationToken);
        Console.WriteLine($"{plan.Action} to {plan.Destination}");

        var made = new List<Vm>();
        await plan.RunAsync(job.Names, made.Add,
            (name, failure) => Console.Error.WriteLine($"{name}: {failure.Message} {failure.Advice}"),
            new ConsoleProgress(), cancellationToken);
        PrintTable(made.OrderBy(vm => vm.Name, StringComparer.Ordinal));
    }

    private static void PrintTable(IEnumerable<Vm> vms)
    {
        const string format = "{0,-10} {1,-6} {2,4} {3,9} {4,-20} {5}";
        Console.WriteLine();
        Console.WriteLine(format, "Name", "Power", "CPUs", "Memory", "Network", "Disk");
        foreach (Vm vm in vms)
        {
            Console.WriteLine(format, vm.Name, vm.PowerState, vm.CpuCount, $"{vm.MemoryMB} MiB",
                string.Join(", ", vm.NetworkAdapters.Select(nic => nic.NetworkName)),
                string.Join(", ", vm.Disks.Select(disk => disk.Path)));
        }
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

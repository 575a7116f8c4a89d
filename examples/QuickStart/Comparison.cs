using System;
using System.Collections.Generic;
using System.Formats.Tar;
using System.IO;
using System.Linq;
using VmDeploy.Simulator.Esxi;

namespace VmDeploy.QuickStart;

/// <summary>Looks, without any code of the product, at what the host holds after the job.</summary>
internal static class Comparison
{
    /// <summary>True when the host holds the job's VMs, each with a disk of exactly the archive's bytes, and nothing is left open.</summary>
    public static bool Holds(Job job, string folder, EsxiSimulator host)
    {
        byte[] expected = ReadDisk(Path.Combine(folder, job.OvfPath));
        bool all = true;
        void Check(bool good, string what)
        {
            Console.WriteLine($"  {(good ? "yes" : "NO "),-3} {what}");
            all &= good;
        }

        IReadOnlyList<SimulatedVm> vms = host.Vms;
        Check(vms.Select(vm => vm.Name).Order(StringComparer.Ordinal).SequenceEqual(job.Names),
            $"the host holds {string.Join(", ", job.Names)} and no other VM");
        foreach (SimulatedDisk disk in vms.SelectMany(vm => vm.Disks))
        {
            Check(File.ReadAllBytes(disk.LocalPath).AsSpan().SequenceEqual(expected),
                $"{disk.DatastorePath} has the archive's {expected.Length:N0} bytes");
        }
        Check(vms.All(vm => vm.Disks.Count == 1), "each VM has one disk");
        Check(host.OpenLeases == 0 && host.OpenSessions == 0, "no lease and no session is left open");
        return all;
    }

    private static byte[] ReadDisk(string ova)
    {
        using var archive = new TarReader(File.OpenRead(ova));
        while (archive.GetNextEntry() is { } entry)
        {
            if (!entry.Name.EndsWith(".vmdk", StringComparison.Ordinal))
                continue;
            var bytes = new MemoryStream();
            entry.DataStream!.CopyTo(bytes);
            return bytes.ToArray();
        }
        throw new InvalidDataException($"There is no disk in {ova}.");
    }
}

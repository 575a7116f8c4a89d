using System.Text;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;

namespace VmDeploy.QuickStart;

/// <summary>Checks, without any code of the product, the state of a host after the job.</summary>
internal sealed class Comparison
{
    /// <summary>All checks have passed.</summary>
    public bool IsGood { get; private set; } = true;

    /// <summary>
    /// The ESXi host has the imported VMs and the clones, each with a disk of exactly the archive's bytes, and one that runs from
    /// the ISO; nothing is left open.
    /// </summary>
    public void Check(EsxiSimulator host, Jobs jobs, byte[] vmdk)
    {
        CheckNames(host.Vms.Select(vm => vm.Name), [.. jobs.Import.Names, .. jobs.Clones.Names, jobs.Iso.Name]);
        foreach (var vm in host.Vms.Where(vm => vm.Name != jobs.Iso.Name).OrderBy(vm => vm.Name, StringComparer.Ordinal))
        {
            var disk = vm.Disks.Count == 1 ? File.ReadAllBytes(vm.Disks[0].LocalPath) : [];
            Check(disk.AsSpan().SequenceEqual(vmdk), $"the only disk of {vm.Name} equals the archive's disk ({vmdk.Length:N0} bytes)");
        }
        Check(host.Vms.DistinctBy(vm => vm.Uuid).Count() == host.Vms.Count && host.Vms.SelectMany(vm => vm.Nics).GroupBy(nic => nic.MacAddress).All(same => same.Count() == 1),
            "all uuids and MAC addresses are different");
        foreach (var vm in host.Vms.Where(vm => vm.Name == jobs.Iso.Name))
        {
            Check(vm.PowerState == "poweredOn" && vm.Cdroms.Any(drive => drive.Iso == jobs.Iso.IsoPath && drive.Connected),
                $"{vm.Name} is running with {jobs.Iso.IsoPath} in its drive");
        }
        var iso = File.ReadAllBytes(jobs.IsoFile);
        Check(File.ReadAllBytes(host.LocalPath(jobs.Iso.IsoPath)).AsSpan().SequenceEqual(iso), $"that ISO equals the local file ({iso.Length:N0} bytes)");
        Check(host.OpenLeases == 0 && host.OpenSessions == 0, "no lease and no session is left open");
    }

    /// <summary>The XenServer has them with what the archive's disk decodes to, and a VM from the template that runs as its file says.</summary>
    public void Check(XapiSimulator host, Jobs jobs, byte[] vmdk)
    {
        var template = jobs.Template;
        var raw = Archive.Decode(vmdk);
        CheckNames(host.Vms.Select(vm => vm.Name), [.. jobs.Import.Names, template.Name]);
        foreach (var vm in host.Vms.Where(vm => jobs.Import.Names.Contains(vm.Name)).OrderBy(vm => vm.Name, StringComparer.Ordinal))
        {
            IReadOnlyList<SimulatedVbd> disks = Disks(vm);
            var disk = disks.Count == 1 ? File.ReadAllBytes(disks[0].LocalPath!) : [];
            Check(disk.AsSpan().StartsWith(raw) && disk.AsSpan(raw.Length).IndexOfAnyExcept((byte)0) < 0,
                $"the only disk of {vm.Name} equals the archive's decoded disk ({raw.Length:N0} bytes)");
        }
        foreach (var vm in host.Vms.Where(vm => vm.Name == template.Name))
        {
            IReadOnlyList<SimulatedVbd> disks = Disks(vm);
            Check(vm.PowerState == "Running" && vm.Cpus.AtStartup == template.CpuCount && vm.Memory[^1] == (long)template.MemoryMB << 20
                && disks[0].VirtualSize == (long)template.DiskGB << 30,
                $"{vm.Name} is running with {template.CpuCount} CPUs, {template.MemoryMB} MiB and a disk of {template.DiskGB} GiB");
            var drive = disks.Count == 2 ? Encoding.ASCII.GetString(File.ReadAllBytes(disks[1].LocalPath!)) : "";
            Check(drive.Contains("#cloud-config", StringComparison.Ordinal) && drive.Contains(template.Name, StringComparison.Ordinal),
                "its other disk has the cloud-init documents with its name");
        }
        Check(host.OpenSessions == 0, "no session is left open");
    }

    private static List<SimulatedVbd> Disks(SimulatedXapiVm vm) => [.. vm.Drives.Where(drive => drive.Type == "Disk")];

    private void CheckNames(IEnumerable<string> there, IEnumerable<string> expected) =>
        Check(there.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal)), $"the host has the VMs {string.Join(", ", expected)} and no others");

    private void Check(bool good, string what)
    {
        Console.WriteLine($"  {(good ? "yes" : "NO "),-3} {what}");
        IsGood &= good;
    }
}

using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Tasks;
using VmDeploy.Simulator.Esxi.Vms;
using VmDeploy.Simulator.Xapi;

namespace VmDeploy.Tests.Faults;

/// <summary>One thing on a host.</summary>
/// <param name="Subject">What an error that names it has to contain: a VM's name, a file's path, a disk's name.</param>
/// <param name="Text">Everything that is compared; no ids, which differ from run to run.</param>
internal sealed record HostItem(string Subject, string Text);

/// <summary>Everything that a host holds at one moment, in a fixed order.</summary>
internal sealed record HostState(IReadOnlyList<HostItem> Items)
{
    public static HostState Of(EsxiSimulator simulator)
    {
        var items = new List<HostItem>();
        lock (simulator.Host.Gate)
        {
            foreach (var vm in simulator.Host.All<VirtualMachine>())
            {
                var seen = VmPicture.Of(vm);
                var disks = seen.Disks.Select(d => $"{d.DatastorePath} {d.CapacityBytes} on '{d.Parent}'");
                var cdroms = seen.Cdroms.Select(c => $"{c.Label} {c.Controller}:{c.UnitNumber} '{c.Iso}' {c.Connected} {c.StartConnected}");
                items.Add(new(seen.Name, $"VM {seen.Name} {seen.PowerState} {seen.CpuCount} CPUs {seen.MemoryMB} MB '{seen.Annotation}' template {seen.IsTemplate} " +
                    $"{seen.Path} disks [{string.Join(", ", disks)}] networks [{string.Join(", ", seen.Nics.Select(n => $"{n.Type} '{n.Network}' {n.Connected} {n.StartConnected}"))}] " +
                    $"CDs [{string.Join(", ", cdroms)}] snapshots {vm.Snapshots.Count}"));
            }
            items.AddRange(simulator.Host.All<HttpNfcLease>().Where(l => l.IsOpen).Select(_ => new HostItem("lease", "lease")));
            items.AddRange(simulator.Host.All<VimTask>().Where(t => !t.IsDone).Select(t => new HostItem("task", "running task")));
            // Files of a cut upload may not be in their final places yet.
            foreach (var path in simulator.DatastoreFiles())
                // A configuration file contains compressed documents with a different id for each VM, so its length varies.
                items.Add(new(path, path.EndsWith(".vmx", StringComparison.Ordinal) ? $"file {path}" : $"file {path}, {Length(simulator.LocalPath(path))} bytes"));
        }
        foreach (var folder in Directory.EnumerateDirectories(simulator.DataFolder, "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(simulator.DataFolder, folder).Replace('\\', '/');
            items.Add(new(relative[(relative.IndexOf('/', StringComparison.Ordinal) + 1)..], $"folder {relative}"));
        }
        return new(items);
    }

    public static HostState Of(XapiSimulator simulator)
    {
        var database = simulator.Host.Database;
        lock (database.Gate)
        {
            string Name(XapiObject o, string field) => database.Find(o.Text(field)) is { } found ? found.Name : "none";
            var items = new List<HostItem>();
            foreach (var vm in database.All("VM"))
            {
                items.Add(new(vm.Name, $"VM {vm.Name} {vm.Text("power_state")} {vm.Number("VCPUs_max")} CPUs {vm.Number("memory_static_max")} bytes " +
                    $"'{vm.Text("name_description")}' template {vm.Flag("is_a_template")} snapshot {vm.Flag("is_a_snapshot")}"));
            }
            items.AddRange(database.All("VDI").Select(d => new HostItem(d.Name, $"VDI {d.Name} {d.Number("virtual_size")} bytes on {Name(d, "SR")}")));
            items.AddRange(database.All("VBD").Select(v => new HostItem(Name(v, "VM"),
                $"VBD of {Name(v, "VM")} {v.Text("userdevice")} {v.Text("type")} '{Name(v, "VDI")}' attached {v.Flag("currently_attached")}")));
            items.AddRange(database.All("VIF").Select(v => new HostItem(Name(v, "VM"), $"VIF of {Name(v, "VM")} {v.Text("device")} '{Name(v, "network")}' attached {v.Flag("currently_attached")} {v.Text("locking_mode")}")));
            items.AddRange(database.All("network").Select(n => new HostItem(n.Name, $"network {n.Name}")));
            items.AddRange(database.All("PIF").Select(p => new HostItem("PIF", $"PIF {p.Text("device")} VLAN {p.Number("VLAN")}")));
            items.AddRange(database.All("VLAN").Select(v => new HostItem("VLAN", $"VLAN {v.Number("tag")}")));
            // The host removes those that have ended.
            items.AddRange(database.All("task").Where(t => t.Text("status") == "pending").Select(t => new HostItem("task", $"task {t.Name}")));
            return new(items);
        }
    }

    /// <summary>What is here and not in the other; duplicates count twice.</summary>
    public IReadOnlyList<HostItem> Except(HostState other)
    {
        var there = other.Items.ToLookup(i => i.Text).ToDictionary(g => g.Key, g => g.Count());
        return Items.Where(i => !there.TryGetValue(i.Text, out var count) || (there[i.Text] = count - 1) < 0).ToList();
    }

    public HostState Without(IReadOnlyList<HostItem> gone) => new(Except(new HostState(gone)));

    public HostState With(IReadOnlyList<HostItem> added) => new([.. Items, .. added]);

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : -1;
}

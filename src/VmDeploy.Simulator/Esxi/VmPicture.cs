using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Schema;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi;

/// <summary>Shows a VM to tests.</summary>
internal static class VmPicture
{
    public static SimulatedVm Of(VirtualMachine vm) => new()
    {
        Id = vm.Self.Value,
        Name = vm.Name,
        PowerState = vm.PowerState,
        Path = vm.VmxPath.ToString(),
        Uuid = vm.Config.Text("uuid")!,
        CpuCount = vm.Hardware.Int("numCPU")!.Value,
        MemoryMB = vm.MemoryMB,
        Annotation = vm.Config.Text("annotation") ?? "",
        Firmware = vm.Config.Text("firmware") ?? "bios",
        IsTemplate = vm.IsTemplate,
        Disks = [.. vm.Disks.Select(d => Disk(vm, d))],
        Nics = [.. vm.Devices.Where(d => d.Is("VirtualEthernetCard")).Select(d => Nic(vm, d))],
        Cdroms = [.. vm.Devices.Where(d => d.Is("VirtualCdrom")).Select(d => Cdrom(vm, d))],
        ExtraConfig = vm.Config.Objects("extraConfig").ToDictionary(o => o.Text("key")!, o => Primitive.Write(o["value"]!)),
    };

    private static SimulatedDisk Disk(VirtualMachine vm, DataObject device)
    {
        var backing = device.Object("backing")!;
        var path = backing.Text("fileName")!;
        return new(Label(device), path, DatastorePath.Parse(path, vm.Center).Local, device.Long("capacityInKB")!.Value * 1024,
            backing.Bool("thinProvisioned") ?? false, backing.Object("parent")?.Text("fileName"));
    }

    private static SimulatedNic Nic(VirtualMachine vm, DataObject device) => new(
        Label(device), device.Type.Name, device.Text("macAddress")!, Networks.Of(vm.Center)(device.Object("backing")!)?.Name ?? "",
        device.Object("connectable")?.Bool("connected") == true, device.Object("connectable")?.Bool("startConnected") == true);

    private static SimulatedCdrom Cdrom(VirtualMachine vm, DataObject device)
    {
        var backing = device.Object("backing")!;
        var connectable = device.Object("connectable")!;
        return new(Label(device), vm.Devices.First(d => d.Int("key") == device.Int("controllerKey")).Type.Name, device.Int("unitNumber")!.Value,
            backing.Is("VirtualCdromIsoBackingInfo") ? backing.Text("fileName") : null,
            backing.Is("VirtualCdromAtapiBackingInfo") ? backing.Text("deviceName") : null,
            connectable.Bool("connected")!.Value, connectable.Bool("startConnected")!.Value);
    }

    private static string Label(DataObject device) => device.Object("deviceInfo")!.Text("label")!;
}

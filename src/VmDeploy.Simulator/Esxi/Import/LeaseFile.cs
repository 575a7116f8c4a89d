using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;

namespace VmDeploy.Simulator.Esxi.Import;

/// <summary>A file that a lease accepts.</summary>
/// <param name="Name">Last part of its URL.</param>
/// <param name="Device">The name of the device in keys, for example <c>VirtualLsiLogicController0:0</c>.</param>
/// <param name="Path">Its destination.</param>
/// <param name="Disk">The disk, or null for a file of another kind.</param>
internal sealed record LeaseFile(string Name, string Device, DatastorePath Path, DataObject? Disk)
{
    /// <summary>The VM that it belongs to.</summary>
    public required VirtualMachine Vm { get; init; }

    /// <summary>The last upload.</summary>
    public Task Upload { get; set; } = Task.CompletedTask;

    /// <summary>An upload is in progress.</summary>
    public bool IsBusy => !Upload.IsCompleted;

    /// <summary>Bytes of the last complete transfer.</summary>
    public long? Received { get; set; }

    /// <summary>Digests of what was sent; null for an upload.</summary>
    public (string Sha1, string Sha256)? Digests { get; set; }

    /// <summary>What can be uploaded to a new VM: its disks, and images and settings of its OVF.</summary>
    public static IEnumerable<LeaseFile> Of(VirtualMachine vm)
    {
        var number = 0;
        foreach (var device in vm.Devices)
        {
            if (device.Object("backing") is not { } backing || backing.Type.IndexOf("fileName") < 0)
                continue;
            var path = DatastorePath.Parse(backing.Text("fileName")!, vm.Center);
            if (device.Is("VirtualDisk"))
                yield return new($"disk-{number++}.vmdk", DeviceName(vm.Devices, device), path, device) { Vm = vm };
            else if (!path.FileExists)
                yield return new($"disk-{number++}.iso", DeviceName(vm.Devices, device), path, null) { Vm = vm };
        }
        if (vm.Config.Objects("extraConfig").FirstOrDefault(o => o.Text("key") == "nvram") is { } nvram)
            yield return new("nvram", "nvram", vm.Home.Child((string)nvram["value"]!), null) { Vm = vm };
    }

    /// <summary>What can be read of a VM: its disks, the images in its drives, and its NVRAM.</summary>
    public static IEnumerable<LeaseFile> OfExport(VirtualMachine vm, DataObject config)
    {
        var devices = config.Object("hardware")!.Objects("device").ToList();
        var number = 0;
        foreach (var device in devices)
        {
            if (device.Object("backing") is not { } backing || backing.Type.IndexOf("fileName") < 0)
                continue;
            var path = DatastorePath.Parse(backing.Text("fileName")!, vm.Center);
            // VMs that exist only for lists have no files.
            if (device.Is("VirtualDisk") && !path.FileExists)
                throw VimFault.FileNotFound(path.ToString());
            if (device.Is("VirtualDisk"))
                yield return new($"disk-{number++}.vmdk", DeviceName(devices, device), path, device) { Vm = vm };
            else
                yield return new($"disk-{number++}.iso", DeviceName(devices, device), path, null) { Vm = vm };
        }
        foreach (var nvram in vm.Home.FolderExists ? Directory.GetFiles(vm.Home.Local, "*.nvram") : [])
            yield return new($"{System.IO.Path.GetFileName(nvram)}", "nvram", vm.Home.Child(System.IO.Path.GetFileName(nvram)), null) { Vm = vm };
    }

    /// <summary>The name of a device in an import spec and in a lease.</summary>
    public static string DeviceName(IEnumerable<DataObject> devices, DataObject device)
    {
        var controller = devices.First(d => d.Int("key") == device.Int("controllerKey"));
        return $"{controller.Type.Name}{controller.Int("busNumber")}:{device.Int("unitNumber")}";
    }

    public string Key => $"/{Vm.Self.Value}/{Device}";

    public DataObject ToData(string url, string thumbprint, bool isExport) => new("HttpNfcLeaseDeviceUrl")
    {
        ["key"] = Key,
        ["importKey"] = isExport ? "" : $"/{Vm.Name}/{Device}",
        ["url"] = url,
        ["sslThumbprint"] = thumbprint,
        ["disk"] = Disk is not null,
        ["targetId"] = Name,
        ["fileSize"] = isExport && Disk is null ? new System.IO.FileInfo(Path.Local).Length : null,
        ["datastoreKey"] = $"/vmfs/volumes/{Path.Datastore.Self.Value}/",
    };
}

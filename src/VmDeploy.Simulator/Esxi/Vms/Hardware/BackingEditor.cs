using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>The backings of devices: files, networks, drives of the host.</summary>
internal sealed partial class BackingEditor(ConfigEditor vm)
{
    /// <summary>Checks a device's backing and completes it as a host does.</summary>
    public void Prepare(DataObject device, string? file, bool isNew, int index)
    {
        if (device.Is("VirtualDisk"))
            PrepareDisk(device, file, isNew, index);
        else if (file is not null)
            throw DeviceFault.Invalid(index, "fileOperation");
        else if (device.Is("VirtualCdrom"))
            PrepareCdrom(device, index);
        else if (device.Is("VirtualEthernetCard"))
            PrepareNic(device, isNew, index);

        if (device.Is("VirtualCdrom") || device.Is("VirtualEthernetCard") || device.Is("VirtualFloppy"))
        {
            var connectable = device.Object("connectable")
                ?? new("VirtualDeviceConnectInfo") { ["startConnected"] = true, ["allowGuestControl"] = true, ["connected"] = true };
            if (!vm.IsRunning)
                connectable["connected"] = false;
            device["connectable"] = connectable;
        }
    }

    /// <summary>Refuses changes of a device that are not possible.</summary>
    public void CheckChange(DataObject current, DataObject changed, int index)
    {
        if (!current.Is("VirtualDisk"))
            return;
        if (current.Object("backing")!.Text("fileName") != changed.Object("backing")!.Text("fileName"))
            throw DeviceFault.Invalid(index, "device.backing.fileName");
        CheckSharing(changed.Object("backing")!, index);
        var capacity = changed.Long("capacityInKB")!.Value;
        if (capacity == current.Long("capacityInKB"))
            return;
        if (capacity < current.Long("capacityInKB") || current.Object("backing")!.Has("parent"))
            throw DeviceFault.Invalid(index, "device.capacityInKB");
        changed["capacityInBytes"] = capacity * 1024;
        var path = DatastorePath.Parse(current.Object("backing")!.Text("fileName")!, vm.Center);
        vm.WillChange(() =>
        {
            SparseVmdk.Extend(path.Local, capacity);
            if (path.Datastore.Disks.TryGetValue(path.Relative, out var known))
                path.Datastore.Disks[path.Relative] = known with { CapacityKB = capacity };
        });
    }

    /// <summary>Plans the deletion of a disk's file.</summary>
    public void Destroy(DataObject device, int index)
    {
        if (!device.Is("VirtualDisk"))
            throw DeviceFault.Invalid(index, "fileOperation");
        vm.WillDelete(DatastorePath.Parse(device.Object("backing")!.Text("fileName")!, vm.Center));
    }

    private void PrepareDisk(DataObject device, string? file, bool isNew, int index)
    {
        if (device.Object("backing") is not { } backing || !backing.Is("VirtualDiskFlatVer2BackingInfo"))
            throw DeviceFault.Invalid(index, "device.backing");
        if (backing.Text("diskMode") is not ("persistent" or "nonpersistent" or "independent_persistent" or "independent_nonpersistent"))
            throw DeviceFault.Invalid(index, "device.backing.diskMode");
        if (!isNew)
            return;

        switch (file)
        {
            case "create":
                PlanDisk(device, backing, index);
                break;
            case null:
                AttachDisk(device, backing, index);
                break;
            default:
                throw DeviceFault.Invalid(index, "fileOperation");
        }
        var path = DatastorePath.Parse(backing.Text("fileName")!, vm.Center);
        backing["datastore"] = path.Datastore.Self;
        backing["uuid"] ??= $"6000C29{Guid.NewGuid().ToString()[7..]}";
        backing["contentId"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        backing["thinProvisioned"] ??= false;
        device["capacityInBytes"] = device.Long("capacityInKB") * 1024;
    }

    private void PlanDisk(DataObject device, DataObject backing, int index)
    {
        string? parent = null;
        if (backing.Object("parent") is { } parentBacking)
        {
            var parentPath = DatastorePath.Parse(parentBacking.Text("fileName")!, vm.Center);
            if (!parentPath.FileExists)
                throw VimFault.FileNotFound(parentPath.ToString());
            parent = parentPath.Local;
            parentBacking["datastore"] = parentPath.Datastore.Self;
            parentBacking["parent"] = ParentOf(parentPath);
            device["capacityInKB"] = CapacityOf(parentPath) ?? device.Long("capacityInKB");
        }
        if (device.Long("capacityInKB") <= 0)
            throw DeviceFault.Invalid(index, "device.capacityInKB");

        var path = NewDiskPath(backing.Text("fileName")!);
        var capacity = device.Long("capacityInKB")!.Value;
        var attributes = new DiskAttributes(capacity, backing.Bool("thinProvisioned") ?? parent is not null, "lsiLogic");
        if (!attributes.IsThin)
            path.Datastore.CheckSpace(capacity * 1024);
        backing["fileName"] = path.ToString();
        vm.WillCreate(path, () =>
        {
            SparseVmdk.Create(path.Local, capacity, parent);
            path.Datastore.Disks[path.Relative] = attributes;
        });
    }

    private void AttachDisk(DataObject device, DataObject backing, int index)
    {
        if (!backing.Text("fileName")!.EndsWith(".vmdk", StringComparison.Ordinal))
            throw DeviceFault.Invalid(index, "device.backing.fileName");
        var path = DatastorePath.Parse(backing.Text("fileName")!, vm.Center);
        if (!path.FileExists)
            throw VimFault.FileNotFound(path.ToString());
        if (vm.Devices.Exists(d => d.Is("VirtualDisk") && d.Object("backing")!.Text("fileName") == path.ToString()))
            throw DeviceFault.Of("InvalidDeviceBacking", $"{path} is attached to this virtual machine already.", index, "device.backing.fileName");
        if (vm.IsRunning)
            FileManager.CheckUnlocked(path);
        backing["fileName"] = path.ToString();
        device["capacityInKB"] = CapacityOf(path)
            ?? throw DeviceFault.Of("InvalidDeviceBacking", $"{path} is not a virtual disk.", index, "device.backing.fileName");
        backing["thinProvisioned"] = path.Datastore.Disks.GetValueOrDefault(path.Relative)?.IsThin ?? false;
        CheckSharing(backing, index);
    }

    private static void CheckSharing(DataObject backing, int index)
    {
        if (backing.Text("sharing") == "sharingMultiWriter" && backing.Bool("thinProvisioned") != false)
            throw DeviceFault.Of("InvalidDeviceBacking", "Only an eagerly zeroed thick disk can have several writers.", index, "device.backing");
    }

    // The whole chain is reported, even if the client has named only a part of it.
    private static DataObject? ParentOf(DatastorePath disk)
    {
        if (SparseVmdk.ParentOf(disk.Local) is not { } file)
            return null;
        var path = DatastorePath.Of(disk.Datastore, Path.GetRelativePath(disk.Datastore.Root, file).Replace('\\', '/'));
        return new("VirtualDiskFlatVer2BackingInfo")
        {
            ["fileName"] = path.ToString(),
            ["datastore"] = path.Datastore.Self,
            ["diskMode"] = "persistent",
            ["parent"] = ParentOf(path),
        };
    }

    // No name, or only a datastore: the host finds a name in the VM's folder.
    private DatastorePath NewDiskPath(string fileName)
    {
        if (fileName.EndsWith(".vmdk", StringComparison.Ordinal))
            return DatastorePath.Parse(fileName, vm.Center);
        var folder = fileName.Length == 0 || DatastorePath.Parse(fileName, vm.Center) is var named && named.Datastore == vm.Home.Datastore
            ? vm.Home
            : DatastorePath.Of(DatastorePath.Parse(fileName, vm.Center).Datastore, vm.Home.Relative);
        return Enumerable.Range(0, int.MaxValue)
            .Select(i => folder.Child($"{vm.Name}{(i == 0 ? "" : $"_{i}")}.vmdk"))
            .First(path => !vm.IsTaken(path));
    }

    private void PrepareCdrom(DataObject device, int index)
    {
        if (device.Object("backing") is not { } backing)
            throw DeviceFault.Invalid(index, "device.backing");
        if (backing.Is("VirtualCdromIsoBackingInfo"))
        {
            var isUploaded = vm.IsImport && !backing.Text("fileName")!.EndsWith(".iso", StringComparison.OrdinalIgnoreCase);
            var path = isUploaded
                ? vm.Home.Child($"{vm.Name}-{device.Int("key")}.iso")
                : DatastorePath.Parse(backing.Text("fileName")!, vm.Center);
            if (!isUploaded && !path.FileExists)
                throw VimFault.FileNotFound(path.ToString());
            backing["fileName"] = path.ToString();
            backing["datastore"] = path.Datastore.Self;
            device.Object("deviceInfo")!["summary"] = $"ISO {path}";
        }
        else if (backing.Is("VirtualCdromAtapiBackingInfo") || backing.Is("VirtualCdromPassthroughBackingInfo"))
        {
            // Real hosts accept the name of a drive that they don't have.
            device.Object("deviceInfo")!["summary"] = $"ATAPI {backing.Text("deviceName")}";
        }
        else if (backing.Is("VirtualCdromRemotePassthroughBackingInfo") || backing.Is("VirtualCdromRemoteAtapiBackingInfo"))
        {
            device.Object("deviceInfo")!["summary"] = "Remote device";
        }
        else
        {
            throw DeviceFault.Invalid(index, "device.backing");
        }
    }

    private void PrepareNic(DataObject device, bool isNew, int index)
    {
        if (device.Object("backing") is not { } backing)
            throw DeviceFault.Invalid(index, "device.backing");
        if (Networks.Of(vm.Center)(backing) is not { } network)
        {
            throw DeviceFault.Of("InvalidDeviceBacking", "The network of the adapter does not exist.", index, "device.backing");
        }
        device["backing"] = network.Backing;
        // A port of a distributed switch takes one adapter, which gets a key to it.
        if (network is DistributedVirtualPortgroup && device.Object("backing")!.Object("port") is { } port)
        {
            var taken = backing.Object("port")!.Text("portKey");
            if (isNew && taken is not null)
                throw DeviceFault.Of("InvalidDeviceBacking", $"The port {taken} is in use.", index, "device.backing.port.portKey");
            port["portKey"] = taken ?? FormattableString.Invariant($"{vm.Host.NextNumber()}");
            port["connectionCookie"] = backing.Object("port")!.Int("connectionCookie") ?? RandomNumberGenerator.GetInt32(1, int.MaxValue);
        }
        device.Object("deviceInfo")!["summary"] = network.Name;

        var mac = device.Text("macAddress") ?? "";
        var manual = device.Text("addressType") == "manual";
        if (manual && !MacAddress().IsMatch(mac))
            throw DeviceFault.Invalid(index, "device.macAddress");
        if (!manual && (mac.Length == 0 || !MacAddress().IsMatch(mac) || (isNew && IsUsed(device, mac))))
        {
            device["addressType"] = vm.Host.IsVCenter ? "assigned" : "generated";
            device["macAddress"] = NewMac();
        }
        device["wakeOnLanEnabled"] ??= true;
    }

    private bool IsUsed(DataObject device, string mac) =>
        vm.Host.All<VirtualMachine>().Any(other => other.Devices.Any(d => d != device && d.Is("VirtualEthernetCard") && d.Text("macAddress") == mac
            && !(other.Home == vm.Home && d.Int("key") == device.Int("key"))));

    private string NewMac()
    {
        var random = RandomNumberGenerator.GetBytes(3);
        return vm.Host.IsVCenter
            ? $"00:50:56:{0x80 + random[0] % 0x40:x2}:{random[1]:x2}:{random[2]:x2}"
            : $"00:0c:29:{random[0]:x2}:{random[1]:x2}:{random[2]:x2}";
    }

    private static long? CapacityOf(DatastorePath path) =>
        path.Datastore.Disks.GetValueOrDefault(path.Relative)?.CapacityKB ?? SparseVmdk.ReadCapacityKB(path.Local);

    [GeneratedRegex("^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$")]
    private static partial Regex MacAddress();
}

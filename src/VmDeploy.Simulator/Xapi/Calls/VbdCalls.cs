using System.Globalization;

namespace VmDeploy.Simulator.Xapi;

/// <summary>Disks and CD drives of VMs.</summary>
internal static class VbdCalls
{
    // The positions at which a fully virtualised guest finds its drives.
    private const int Positions = 16;
    private const int CdPositions = 4;

    public static void Register(XapiHost host)
    {
        host.On("VBD.create", call => Create(host, call.Record(0)).Ref);
        host.On("VBD.destroy", call => Destroy(call.Database, call.Object(0)));
        host.On("VBD.insert", call => Insert(call.Database, call.Object(0), call.Object(1)));
        host.On("VBD.eject", call => Eject(host, call.Object(0)));
        host.On("VBD.plug", call => Plug(host, call.Object(0)));
        host.On("VBD.unplug", call => Unplug(host, call.Object(0)));
        host.On("VM.get_allowed_VBD_devices", call => Free(call.Database, call.Object(0), Positions).Cast<object>().ToList());
    }

    public static XapiObject Create(XapiHost host, Dictionary<string, object> record)
    {
        var database = host.Database;
        var vm = database.Get("VM", (string)record["VM"]);
        var isCd = record["type"] is "CD";
        var isEmpty = record["empty"] is true;
        if (isCd && record["mode"] is not "RO")
            throw new XapiFailure("VBD_CDS_MUST_BE_READONLY");
        if (!isCd && isEmpty)
            throw new XapiFailure("VBD_NOT_REMOVABLE_MEDIA", XapiType.NullRef);
        var vdi = isEmpty ? null : database.Get("VDI", (string)record["VDI"]);
        if (!isCd && record["mode"] is "RW" && vdi!.Flag("read_only"))
            throw new XapiFailure("VDI_READONLY", vdi.Ref);

        var device = (string)record["userdevice"];
        var free = Free(database, vm, isCd ? CdPositions : Positions);
        if (device == "autodetect")
            device = free.FirstOrDefault() ?? throw new XapiFailure("INVALID_DEVICE", "autodetect");
        if (!int.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position >= (isCd ? CdPositions : Positions))
            throw new XapiFailure("INVALID_DEVICE", device);
        if (!free.Contains(device))
            throw new XapiFailure("DEVICE_ALREADY_EXISTS", device);

        var vbd = database.Create("VBD", [.. record.Select(e => (e.Key, e.Value)).Where(e => e.Key is not ("userdevice" or "currently_attached" or "VDI")),
            ("userdevice", device), ("currently_attached", false), ("VDI", vdi?.Ref ?? XapiType.NullRef)]);
        database.Add(vm, "VBDs", vbd.Ref);
        if (vdi is not null)
            database.Add(vdi, "VBDs", vbd.Ref);
        return vbd;
    }

    public static void Destroy(XapiDatabase database, XapiObject vbd)
    {
        if (vbd.Flag("currently_attached"))
            throw new XapiFailure("OPERATION_NOT_ALLOWED", $"VBD '{vbd.Uuid}' still attached to '{vbd.Text("VM")}'");
        database.Remove(database.Get("VM", vbd.Text("VM")), "VBDs", vbd.Ref);
        if (database.Find(vbd.Text("VDI")) is { } vdi)
            database.Remove(vdi, "VBDs", vbd.Ref);
        database.Destroy(vbd);
    }

    public static void SetMedium(XapiDatabase database, XapiObject vbd, XapiObject? vdi)
    {
        if (database.Find(vbd.Text("VDI")) is { } before)
            database.Remove(before, "VBDs", vbd.Ref);
        database.Set(vbd, "VDI", vdi?.Ref ?? XapiType.NullRef);
        database.Set(vbd, "empty", vdi is null);
        if (vdi is not null)
            database.Add(vdi, "VBDs", vbd.Ref);
    }

    /// <summary>Sets what changes when the VM gets or loses its devices.</summary>
    public static void SetAttached(XapiDatabase database, XapiObject vbd, bool attached)
    {
        database.Set(vbd, "currently_attached", attached);
        // Its allowed operations have changed.
        if (database.Find(vbd.Text("VDI")) is { } vdi)
            database.Touch(vdi);
    }

    public static void RefuseIfInUse(XapiHost host, XapiObject vbd)
    {
        if (vbd.Text("mode") == "RW" && host.Database.Find(vbd.Text("VDI")) is { } vdi && AllowedOperations.IsAttached(host, vdi) && !vdi.Flag("sharable"))
            throw new XapiFailure("VDI_IN_USE", vdi.Ref, "attach");
    }

    // The server does not check whether it is an ISO.
    private static void Insert(XapiDatabase database, XapiObject vbd, XapiObject vdi)
    {
        if (vbd.Text("type") != "CD")
            throw new XapiFailure("VBD_NOT_REMOVABLE_MEDIA", vbd.Ref);
        if (!vbd.Flag("empty"))
            throw new XapiFailure("VBD_NOT_EMPTY", vbd.Ref);
        SetMedium(database, vbd, vdi);
    }

    private static void Eject(XapiHost host, XapiObject vbd)
    {
        if (vbd.Text("type") != "CD")
            throw new XapiFailure("VBD_NOT_REMOVABLE_MEDIA", vbd.Ref);
        if (vbd.Flag("empty"))
            throw new XapiFailure("VBD_IS_EMPTY", vbd.Ref);
        var vm = host.Database.Get("VM", vbd.Text("VM"));
        if (vm.Text("power_state") == "Running" && host.Options.Guest(vm.Name).LocksCdrom)
            throw new XapiFailure("VBD_TRAY_LOCKED", vbd.Ref);
        SetMedium(host.Database, vbd, null);
    }

    private static void Plug(XapiHost host, XapiObject vbd)
    {
        var vm = host.Database.Get("VM", vbd.Text("VM"));
        if (vm.Text("power_state") == "Running" && vbd.Text("type") == "CD")
            throw new XapiFailure("OPERATION_NOT_ALLOWED", "CD drives of a fully virtualised guest can't be hot-plugged");
        PowerCalls.RequireHotPlug(host, vm, vbd, attaches: true);
        RefuseIfInUse(host, vbd);
        SetAttached(host.Database, vbd, true);
    }

    private static void Unplug(XapiHost host, XapiObject vbd)
    {
        if (vbd.Flag("currently_attached") && (!vbd.Flag("unpluggable") || vbd.Text("type") == "CD"))
            throw new XapiFailure("VBD_NOT_UNPLUGGABLE", vbd.Ref);
        PowerCalls.RequireHotPlug(host, host.Database.Get("VM", vbd.Text("VM")), vbd, attaches: false);
        SetAttached(host.Database, vbd, false);
    }

    private static List<string> Free(XapiDatabase database, XapiObject vm, int positions)
    {
        var taken = vm.Refs("VBDs").Select(r => database.Get("VBD", r).Text("userdevice")).ToHashSet();
        return Enumerable.Range(0, positions).Select(i => i.ToString(CultureInfo.InvariantCulture)).Where(d => !taken.Contains(d)).ToList();
    }
}

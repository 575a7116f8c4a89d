namespace VmDeploy.Vsphere;

/// <summary>Network adapters of VMs on vSphere.</summary>
internal sealed class VsphereNetworkAdapters(VsphereSession session) : VmNetworkAdapters
{
    private const int NewKey = -500;
    private const int FirstUnit = 7;
    private const int MaxAdapters = 10;

    public override async Task<PlannedChange<VmNetworkAdapter>> PlanAddAsync(Vm vm, NewNetworkAdapter adapter, CancellationToken cancellationToken)
    {
        var mac = adapter.MacAddress is { } address ? MacAddress.Parse(address) : null;
        var hardware = await VmHardware.ReadAsync(session, vm, cancellationToken);
        CheckAddress(vm, mac, AddressesOf(hardware, except: null));
        var changes = new DeviceChanges(session, hardware);
        changes.CheckPower(null, "its network adapters");
        var network = await FindNetworkAsync(hardware, adapter.Network, cancellationToken);
        var backing = await NetworkBacking.CreateAsync(session, network, cancellationToken);
        var (controller, unit) = FreeUnit(hardware);
        var type = await TypeAsync(hardware, adapter.Model, cancellationToken);
        var device = NetworkCard.Create(type, NewKey, backing, mac);
        Connect(device, adapter.Connected, hardware.PowerState == PowerState.On);
        device.InsertInOrder(VimXml.El("controllerKey", controller), NetworkCard.Order);
        device.InsertInOrder(VimXml.El("unitNumber", unit), NetworkCard.Order);
        var name = Inventory.NameOf(network);
        return new PlannedChange<VmNetworkAdapter>(
            $"{type.Substring("Virtual".Length)} on '{name}'{(mac is null ? "" : $", MAC address {mac}")}{(adapter.Connected ? "" : ", disconnected")}",
            (_, token) => changes.AddAsync($"the network adapter on '{name}'", null, ConfigSpec.Change("add", device),
                (_, one) => one.TypeName() == type && one.Number("unitNumber") == unit, added => ReadAsync(vm, added.Value("key")), token));
    }

    public override async Task<PlannedChange<VmNetworkAdapter>> PlanSetAsync(VmNetworkAdapter adapter, NetworkAdapterChange change, CancellationToken cancellationToken)
    {
        var mac = change.MacAddress is { } address ? MacAddress.Parse(address) : null;
        var hardware = await VmHardware.ReadAsync(session, adapter.Vm, cancellationToken);
        var device = Find(hardware, adapter);
        var changes = new DeviceChanges(session, hardware);
        changes.CheckPower(null, "its network adapters");
        var edited = new XElement(device);
        var words = new List<string>();
        if (change.Network is { } wanted)
        {
            var network = await FindNetworkAsync(hardware, wanted, cancellationToken);
            var backing = await NetworkBacking.CreateAsync(session, network, cancellationToken);
            if (!NetworkBacking.IsOn(device.Child("backing"), backing))
            {
                edited.Child("backing")?.Remove();
                edited.InsertInOrder(backing, NetworkCard.Order);
                words.Add($"network '{adapter.NetworkName}' -> '{Inventory.NameOf(network)}'");
            }
        }
        if (mac is not null && !string.Equals(mac, device.Value("macAddress"), StringComparison.OrdinalIgnoreCase))
        {
            if (hardware.PowerState != PowerState.Off)
                throw VmConfiguration.NeedsPowerOff(adapter.Vm, hardware.PowerState, "the MAC address of an adapter can't be changed");
            CheckAddress(adapter.Vm, mac, AddressesOf(hardware, except: device));
            NetworkCard.SetAddress(edited, mac);
            words.Add($"MAC address {device.Value("macAddress")} -> {mac}");
        }
        if (change.Connected is { } connected)
        {
            Connect(edited, connected, hardware.PowerState == PowerState.On);
            if (!XNode.DeepEquals(edited.Child("connectable"), device.Child("connectable")))
                words.Add(connected ? "connected" : "disconnected");
        }
        return new PlannedChange<VmNetworkAdapter>(string.Join(", ", words), async (_, token) =>
        {
            if (words.Count > 0)
                await changes.ReconfigureAsync(token, ConfigSpec.Change("edit", edited));
            return await ReadAsync(adapter.Vm, adapter.Id);
        })
        { ChangesNothing = words.Count == 0 };
    }

    public override async Task<PlannedChange<Vm>> PlanRemoveAsync(VmNetworkAdapter adapter, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(session, adapter.Vm, cancellationToken);
        var device = Find(hardware, adapter);
        var changes = new DeviceChanges(session, hardware);
        changes.CheckPower(null, "its network adapters");
        return new PlannedChange<Vm>(adapter.Label, async (_, token) =>
        {
            await changes.ReconfigureAsync(token, ConfigSpec.Change("remove", device));
            await adapter.Vm.RefreshAsync(CancellationToken.None);
            return adapter.Vm;
        });
    }

    private static IEnumerable<(string Adapter, string Address)> AddressesOf(VmHardware hardware, XElement? except) => hardware.Devices
        .Where(device => NetworkCard.Is(device) && device != except)
        .Select(device => (device.Child("deviceInfo")?.Value("label") ?? "another adapter", device.Value("macAddress") ?? ""));

    private static XElement Find(VmHardware hardware, VmNetworkAdapter adapter) =>
        hardware.Devices.FirstOrDefault(d => NetworkCard.Is(d) && d.Value("key") == adapter.Id) ?? throw NotFound(adapter);

    private async Task<ObjectContent> FindNetworkAsync(VmHardware hardware, string name, CancellationToken cancellationToken)
    {
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var host = inventory[hardware.Content.Reference("runtime.host")]
            ?? throw new VmDeployException(ErrorCodes.HostNotFound, $"The host of {hardware.Vm.Name} is not known.", hardware.Vm.Name);
        return NetworkBacking.Find(inventory.Resolve(host.References("network")), Inventory.NameOf(host), name);
    }

    private static (int Controller, int Unit) FreeUnit(VmHardware hardware)
    {
        var pci = hardware.Devices.FirstOrDefault(d => d.TypeName() == "VirtualPCIController")?.Number("key") ?? 100;
        HashSet<int?> taken = [.. hardware.Devices.Where(d => d.Number("controllerKey") == pci).Select(d => d.Number("unitNumber"))];
        var unit = Enumerable.Range(FirstUnit, MaxAdapters).Where(u => !taken.Contains(u)).DefaultIfEmpty(-1).First();
        return unit >= 0 && hardware.Devices.Count(NetworkCard.Is) < MaxAdapters ? (pci, unit) : throw new VmDeployException(
            ErrorCodes.NetworkAdapterSlotsFull, $"{hardware.Vm.Name} can't have more than {MaxAdapters} network adapters.", hardware.Vm.Name);
    }

    private async Task<string> TypeAsync(VmHardware hardware, NicModel? model, CancellationToken cancellationToken)
    {
        if (model is null && hardware.Devices.FirstOrDefault(NetworkCard.Is)?.TypeName() is { } present and not "VirtualSriovEthernetCard")
            return present;
        var guest = model is null && hardware.Content.Reference("environmentBrowser") is { } browser
            ? await GuestOptions.FindAsync(session, browser, hardware.Content.Text("config.guestId") ?? "", hardware.Content.Text("config.version"), cancellationToken)
            : null;
        return NetworkCard.TypeOf(model, guest);
    }

    private static void Connect(XElement device, bool connected, bool isRunning)
    {
        if (device.Child("connectable") is not { } connectable)
            device.InsertInOrder(connectable = VimXml.El("connectable", VimXml.El("startConnected", connected), VimXml.El("allowGuestControl", true), VimXml.El("connected", false)), NetworkCard.Order);
        connectable.Child("startConnected")!.Value = connected ? "true" : "false";
        connectable.Child("connected")!.Value = connected && isRunning ? "true" : "false";
    }

    private static async Task<VmNetworkAdapter> ReadAsync(Vm vm, string? key)
    {
        await vm.RefreshAsync(CancellationToken.None);
        return vm.NetworkAdapters.FirstOrDefault(adapter => adapter.Id == key)
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {vm.Name} has no such network adapter.", vm.Name);
    }
}

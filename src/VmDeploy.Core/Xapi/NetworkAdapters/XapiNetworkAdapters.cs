namespace VmDeploy.Xapi;

/// <summary>Network adapters (VIFs) of VMs on XenServer.</summary>
internal sealed class XapiNetworkAdapters(XapiSession session) : VmNetworkAdapters
{
    private readonly HotPlug _plug = new(session);

    private XapiClient Client => session.Client;

    public override async Task<PlannedChange<VmNetworkAdapter>> PlanAddAsync(Vm vm, NewNetworkAdapter adapter, CancellationToken cancellationToken)
    {
        var mac = adapter.MacAddress is { } address ? MacAddress.Parse(address) : "";
        if (adapter.Model is not null)
            session.Log.OptionIgnored("An adapter model");
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var isRunning = await _plug.CheckAsync(vm, record, cancellationToken);
        var network = (await XapiInventory.ReadAsync(Client, cancellationToken)).Network(adapter.Network);
        var device = (await Client.ListAsync("VM.get_allowed_VIF_devices", cancellationToken, record.Ref)).Select(d => int.TryParse(d, out var n) ? n : int.MaxValue).DefaultIfEmpty(int.MaxValue).Min();
        if (device == int.MaxValue)
            throw new VmDeployException(ErrorCodes.NetworkAdapterSlotsFull, $"{vm.Name} can't have more network adapters.", vm.Name);
        return new PlannedChange<VmNetworkAdapter>($"interface {device} on '{network.Name}'{(mac.Length == 0 ? "" : $", MAC address {mac}")}{(adapter.Connected ? "" : ", disconnected")}",
            (_, token) => RollbackScope.RunAsync(session, vm.Name, async scope =>
            {
                token.ThrowIfCancellationRequested();
                var vif = await new VmBuilder(session, scope, vm.Name).AddInterfaceToExistingAsync(record.Ref, network, device, mac);
                if (!adapter.Connected)
                    await CallAsync("VIF.set_locking_mode", vif, "disabled");
                if (isRunning)
                    await _plug.PlugAsync("VIF", vif, vm.Name);
                return await ReadAsync(vm, (await Client.RecordAsync("VIF", vif, CancellationToken.None)).Uuid);
            }));
    }

    public override async Task<PlannedChange<VmNetworkAdapter>> PlanSetAsync(VmNetworkAdapter adapter, NetworkAdapterChange change, CancellationToken cancellationToken)
    {
        var mac = change.MacAddress is { } address ? MacAddress.Parse(address) : null;
        var vif = await VifAsync(adapter, cancellationToken);
        var record = await session.VmRecordAsync(adapter.Vm.Id, cancellationToken);
        var network = change.Network is { } name ? (await XapiInventory.ReadAsync(Client, cancellationToken)).Network(name) : null;
        var steps = new ReversibleSteps(session, adapter.Vm.Name);
        var words = new List<string>();
        if (change.Connected is { } connected)
        {
            if (connected && VmReader.PowerStateOf(record) == PowerState.On && !vif.Flag("currently_attached"))
            {
                await _plug.CheckAsync(adapter.Vm, record, cancellationToken);
                steps.Add($"the connection of {adapter.Label} of VM '{record.Name}'", () => _plug.PlugAsync("VIF", vif.Ref, record.Name), () => _plug.UnplugAsync("VIF", vif.Ref, record.Name));
            }
            AddSwitch(steps, adapter, vif, connected);
            words.Add(connected ? "connected" : "disconnected");
        }
        if (network is not null)
        {
            words.Add($"network '{adapter.NetworkName}' -> '{network.Name}'");
            if (network.Ref != vif.Reference("network"))
            {
                steps.Add($"the network of {adapter.Label} of VM '{record.Name}'", () => CallAsync("VIF.move", vif.Ref, network.Ref),
                    () => CallAsync("VIF.move", vif.Ref, vif.Text("network")));
            }
        }
        if (mac is not null && !string.Equals(mac, vif.Text("MAC"), StringComparison.OrdinalIgnoreCase))
        {
            if (VmReader.PowerStateOf(record) is not PowerState.Off and var state)
                throw VmConfiguration.NeedsPowerOff(adapter.Vm, state, "the MAC address of an adapter can't be changed");
            words.Add($"MAC address {vif.Text("MAC")} -> {mac}");
            steps.Add($"the MAC address of {adapter.Label} of VM '{record.Name}'", () => ReplaceAsync(record.Ref, vif, mac), () => ReplaceAsync(record.Ref, vif, vif.Text("MAC")));
        }
        return new PlannedChange<VmNetworkAdapter>(words.Count == 0 ? "nothing to change" : string.Join(", ", words), async (_, token) =>
        {
            await steps.RunAsync(token);
            // One with another address is a new VIF in the same place.
            var now = await FindAsync(record.Ref, vif.Text("device")) ?? throw NotFound(adapter);
            return await ReadAsync(adapter.Vm, now.Uuid);
        });
    }

    public override async Task<PlannedChange<Vm>> PlanRemoveAsync(VmNetworkAdapter adapter, CancellationToken cancellationToken)
    {
        var vif = await VifAsync(adapter, cancellationToken);
        if (vif.Flag("currently_attached"))
            await _plug.CheckAsync(adapter.Vm, await session.VmRecordAsync(adapter.Vm.Id, cancellationToken), cancellationToken);
        var steps = new ReversibleSteps(session, adapter.Vm.Name);
        if (vif.Flag("currently_attached"))
        {
            steps.Add($"the connection of {adapter.Label} of VM '{adapter.Vm.Name}'", () => _plug.UnplugAsync("VIF", vif.Ref, adapter.Vm.Name), () => PlugAgainAsync(adapter, vif));
        }
        steps.Add($"{adapter.Label} of VM '{adapter.Vm.Name}'", () => Client.DestroyAsync("VIF", vif.Ref), () => Task.CompletedTask);
        return new PlannedChange<Vm>(adapter.Label, async (_, token) =>
        {
            await steps.RunAsync(token);
            await adapter.Vm.RefreshAsync(CancellationToken.None);
            return adapter.Vm;
        });
    }

    // Live and lasting, with or without drivers in the guest: the host drops all traffic.
    private void AddSwitch(ReversibleSteps steps, VmNetworkAdapter adapter, XapiRecord vif, bool connected)
    {
        var before = vif.Text("locking_mode") is { Length: > 0 } mode ? mode : "network_default";
        if (VmReader.IsSwitchedOff(vif) == connected)
        {
            steps.Add($"the traffic of {adapter.Label} of VM '{adapter.Vm.Name}'", () => CallAsync("VIF.set_locking_mode", vif.Ref, connected ? "network_default" : "disabled"),
                () => CallAsync("VIF.set_locking_mode", vif.Ref, before));
        }
    }

    private async Task PlugAgainAsync(VmNetworkAdapter adapter, XapiRecord vif)
    {
        if (await Client.FindAsync("VIF", vif.Ref, CancellationToken.None) is not null)
            await _plug.PlugAsync("VIF", vif.Ref, adapter.Vm.Name);
    }

    // The address of a VIF can't be changed, so another one needs a new VIF.
    private async Task ReplaceAsync(string vm, XapiRecord vif, string mac)
    {
        var present = await FindAsync(vm, vif.Text("device"));
        if (present is not null && present.Text("MAC") == mac)
            return;
        if (present is not null)
            await Client.DestroyAsync("VIF", present.Ref);
        var record = (present ?? vif).Fields.Where(f => s_kept.Contains(f.Key)).ToDictionary(f => f.Key, f => f.Value);
        record["MAC"] = mac;
        await CallAsync("VIF.create", record);
    }

    // The fields of the old one that the constructor accepts.
    private static readonly HashSet<string> s_kept =
        ["VM", "network", "device", "MTU", "other_config", "qos_algorithm_type", "qos_algorithm_params", "locking_mode", "ipv4_allowed", "ipv6_allowed"];

    private async Task<XapiRecord?> FindAsync(string vm, string device)
    {
        var record = await Client.RecordAsync("VM", vm, CancellationToken.None);
        return (await Client.FindAsync("VIF", record.List("VIFs"), CancellationToken.None)).FirstOrDefault(v => v.Text("device") == device);
    }

    private async Task<XapiRecord> VifAsync(VmNetworkAdapter adapter, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.RecordAsync("VIF", await Client.TextAsync("VIF.get_by_uuid", cancellationToken, adapter.Id), cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            throw NotFound(adapter, failure);
        }
    }

    private static async Task<VmNetworkAdapter> ReadAsync(Vm vm, string uuid)
    {
        await vm.RefreshAsync(CancellationToken.None);
        return vm.NetworkAdapters.FirstOrDefault(adapter => adapter.Id == uuid)
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {vm.Name} has no such network adapter.", vm.Name);
    }

    private Task CallAsync(string method, params object[] arguments) => Client.CallAsync(method, CancellationToken.None, arguments);
}

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
        CheckAddress(vm, mac, await AddressesOfAsync(record, except: null, cancellationToken));
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
                    await CallAsync("VIF.set_locking_mode", vif, VifTraffic.Off);
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
        var state = VmReader.PowerStateOf(record);
        var steps = new ReversibleSteps(session, adapter.Vm.Name);
        var words = new List<string>();
        if (change.Connected is { } connected)
        {
            if (connected && state == PowerState.On && !vif.Flag("currently_attached"))
            {
                await _plug.CheckAsync(adapter.Vm, record, cancellationToken);
                steps.Add($"the connection of {adapter.Label} of VM '{record.Name}'", () => _plug.PlugAsync("VIF", vif.Ref, record.Name), () => _plug.UnplugAsync("VIF", vif.Ref, record.Name));
            }
            if (!steps.IsEmpty || VmReader.IsSwitchedOff(vif) == connected)
                words.Add(connected ? "connected" : "disconnected");
        }
        if (network is not null && network.Ref != vif.Reference("network"))
            words.Add($"network '{adapter.NetworkName}' -> '{network.Name}'");
        if (mac is not null && !string.Equals(mac, vif.Text("MAC"), StringComparison.OrdinalIgnoreCase))
        {
            if (state is not PowerState.Off)
                throw VmConfiguration.NeedsPowerOff(adapter.Vm, state, "the MAC address of an adapter can't be changed");
            CheckAddress(adapter.Vm, mac, await AddressesOfAsync(record, vif.Ref, cancellationToken));
            words.Add($"MAC address {vif.Text("MAC")} -> {mac}");
            var wanted = VifCopy.Arguments(vif);
            wanted["MAC"] = mac;
            if (network is not null)
                wanted["network"] = network.Ref;
            if (change.Connected is { } isOn)
                VifTraffic.Write(wanted, vif, isOn);
            steps.Add($"the MAC address of {adapter.Label} of VM '{record.Name}'", () => ReplaceAsync(record.Ref, vif, wanted), () => ReplaceAsync(record.Ref, vif, VifCopy.Arguments(vif)));
        }
        else
        {
            if (change.Connected is { } isOn)
                new VifTraffic(session, _plug, adapter).Add(steps, vif, isOn, state == PowerState.On);
            if (network is not null && network.Ref != vif.Reference("network"))
            {
                steps.Add($"the network of {adapter.Label} of VM '{record.Name}'", () => CallAsync("VIF.move", vif.Ref, network.Ref),
                    () => CallAsync("VIF.move", vif.Ref, vif.Text("network")));
            }
        }
        return new PlannedChange<VmNetworkAdapter>(string.Join(", ", words), async (_, token) =>
        {
            await steps.RunAsync(token);
            // One with another address is a new VIF in the same place.
            var now = await FindAsync(record.Ref, vif.Text("device")) ?? throw NotFound(adapter);
            return await ReadAsync(adapter.Vm, now.Uuid);
        })
        { ChangesNothing = words.Count == 0 };
    }

    private async Task<IEnumerable<(string Adapter, string Address)>> AddressesOfAsync(XapiRecord vm, string? except, CancellationToken cancellationToken) =>
        (await Client.FindAsync("VIF", vm.List("VIFs").Where(vif => vif != except), cancellationToken))
            .Select(vif => ($"interface {vif.Text("device")}", vif.Text("MAC")));

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

    private async Task PlugAgainAsync(VmNetworkAdapter adapter, XapiRecord vif)
    {
        if (await Client.FindAsync("VIF", vif.Ref, CancellationToken.None) is not null)
            await _plug.PlugAsync("VIF", vif.Ref, adapter.Vm.Name);
    }

    // Puts another VIF in the place of one, or does nothing if it is there already.
    private async Task ReplaceAsync(string vm, XapiRecord source, Dictionary<string, object> wanted)
    {
        var present = await FindAsync(vm, source.Text("device"));
        var reference = present?.Ref;
        if (present is null || !string.Equals(present.Text("MAC"), wanted["MAC"] as string, StringComparison.OrdinalIgnoreCase))
        {
            if (present is not null)
                await Client.DestroyAsync("VIF", present.Ref);
            reference = await Client.TextAsync("VIF.create", CancellationToken.None, wanted);
        }
        await VifCopy.ConfigureAsync(Client, reference!, source);
    }

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

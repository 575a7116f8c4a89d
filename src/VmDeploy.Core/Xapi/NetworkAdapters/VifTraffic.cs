namespace VmDeploy.Xapi;

/// <summary>
/// Connects and disconnects an adapter: the host drops all its traffic (<c>locking_mode</c>), at once and lasting, with or without
/// drivers in the guest. The mode that it had before, such as <c>locked</c> to its addresses, comes back with the connection.
/// </summary>
internal sealed class VifTraffic(XapiSession session, HotPlug plug, VmNetworkAdapter adapter)
{
    /// <summary>The mode of an adapter that is disconnected.</summary>
    public const string Off = "disabled";

    private const string Mode = "locking_mode";
    private const string Default = "network_default";

    // In other_config: the mode to return to.
    private const string ModeBeforeKey = "vmdeploy-locking-mode";

    /// <summary>Writes the connection into the arguments for a new VIF.</summary>
    public static void Write(Dictionary<string, object> arguments, XapiRecord present, bool connected)
    {
        if (VmReader.IsSwitchedOff(present) != connected)
            return;
        var other = present.Map("other_config").Where(entry => entry.Key != ModeBeforeKey).ToDictionary(entry => entry.Key, entry => (object)entry.Value);
        if (!connected && ModeOf(present) is var mode && mode != Default)
            other[ModeBeforeKey] = mode;
        arguments["other_config"] = other;
        arguments[Mode] = connected ? ModeBefore(present) : Off;
    }

    /// <summary>Adds the steps that connect or disconnect.</summary>
    public void Add(ReversibleSteps steps, XapiRecord vif, bool connected, bool isRunning)
    {
        if (VmReader.IsSwitchedOff(vif) != connected)
            return;
        var (what, now) = ($"the traffic of {adapter.Label} of VM '{adapter.Vm.Name}'", ModeOf(vif));
        if (connected)
        {
            steps.Add(what, () => SetAsync(vif, ModeBefore(vif)), () => SetAsync(vif, now));
            if (vif.Map("other_config").TryGetValue(ModeBeforeKey, out var kept))
                steps.Add(what, () => ForgetAsync(vif), () => KeepAsync(vif, kept));
            return;
        }
        if (now != Default)
            steps.Add(what, () => KeepAsync(vif, now), () => ForgetAsync(vif));
        steps.Add(what, () => SwitchOffAsync(vif, isRunning), () => SwitchOnAgainAsync(vif, now));
    }

    // Changing the mode takes the role pool-operator, unplugging vm-admin; but only the mode outlasts the next start.
    private async Task SwitchOffAsync(XapiRecord vif, bool isRunning)
    {
        try
        {
            await SetAsync(vif, Off);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.NoPermission && isRunning && vif.Flag("currently_attached"))
        {
            await plug.UnplugAsync("VIF", vif.Ref, adapter.Vm.Name);
            await ForgetAsync(vif);
            session.Log.DisconnectedUntilStart(adapter.Label, adapter.Vm.Name);
        }
    }

    private async Task SwitchOnAgainAsync(XapiRecord vif, string mode)
    {
        var present = await session.Client.RecordAsync("VIF", vif.Ref, CancellationToken.None);
        if (ModeOf(present) != mode)
            await SetAsync(vif, mode);
        if (vif.Flag("currently_attached") && !present.Flag("currently_attached"))
            await plug.PlugAsync("VIF", vif.Ref, adapter.Vm.Name);
    }

    private static string ModeOf(XapiRecord vif) => vif.Text(Mode) is { Length: > 0 } mode ? mode : Default;

    private static string ModeBefore(XapiRecord vif) =>
        vif.Map("other_config").TryGetValue(ModeBeforeKey, out var mode) && mode is "locked" or "unlocked" ? mode : Default;

    private Task SetAsync(XapiRecord vif, string mode) => CallAsync($"VIF.set_{Mode}", vif.Ref, mode);

    private async Task KeepAsync(XapiRecord vif, string mode)
    {
        await ForgetAsync(vif);
        await CallAsync("VIF.add_to_other_config", vif.Ref, ModeBeforeKey, mode);
    }

    private Task ForgetAsync(XapiRecord vif) => CallAsync("VIF.remove_from_other_config", vif.Ref, ModeBeforeKey);

    private Task CallAsync(string method, params object[] arguments) => session.Client.CallAsync(method, CancellationToken.None, arguments);
}

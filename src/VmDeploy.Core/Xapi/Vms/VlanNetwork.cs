namespace VmDeploy.Xapi;

/// <summary>The network of a VLAN: an existing one, or one that a plan creates.</summary>
internal sealed class VlanNetwork
{
    private const string Key = "vmdeploy";

    private readonly XapiSession _session;
    private readonly XapiRecord _base;
    private readonly XapiRecord _uplink;
    private readonly int _tag;
    private readonly string _id = Guid.NewGuid().ToString("N").Substring(0, 8);
    private readonly object _gate = new();
    private Task<XapiRecord>? _making;

    /// <exception cref="VmDeployException"><c>VlanNotPossible</c> for a network without an uplink.</exception>
    public VlanNetwork(XapiSession session, XapiInventory inventory, XapiRecord network, int tag)
    {
        _session = session;
        _base = network;
        _uplink = inventory.UplinkOf(network);
        _tag = tag;
        Existing = inventory.VlanNetwork(_uplink, tag);
    }

    public XapiRecord? Existing { get; }
    private string Name => $"{_base.Name} VLAN {_tag}";

    /// <summary>The network; created by the first call.</summary>
    public Task<XapiRecord> MakeAsync()
    {
        if (Existing is not null)
            return Task.FromResult(Existing);
        lock (_gate)
            return _making ??= CreateAsync();
    }

    /// <summary>Removes what <see cref="MakeAsync"/> has created, even if its reference was lost. Can be repeated.</summary>
    public async Task RemoveAsync()
    {
        if (_making is null)
            return;
        var networks = (await _session.Client.AllAsync("network", CancellationToken.None)).Values
            .Where(n => n.Map("other_config").TryGetValue(Key, out var id) && id == _id);
        foreach (var network in networks)
        {
            foreach (var uplink in await _session.Client.FindAsync("PIF", network.List("PIFs"), CancellationToken.None))
            {
                if (uplink.Reference("VLAN_master_of") is { } vlan)
                    await _session.Client.CallAsync("VLAN.destroy", CancellationToken.None, vlan);
            }
            await _session.Client.CallAsync("network.destroy", CancellationToken.None, network.Ref);
        }
    }

    public override string ToString() => Existing is null ? $"new network '{Name}'" : $"network '{Existing.Name}'";

    private async Task<XapiRecord> CreateAsync()
    {
        _session.Log.VlanCreated(_tag, _base.Name, Name);
        var network = await _session.Client.TextAsync("network.create", CancellationToken.None, new Dictionary<string, object>
        {
            ["name_label"] = Name,
            ["name_description"] = "",
            ["MTU"] = _base.Number("MTU") is > 0 and var mtu ? mtu : 1500L,
            ["other_config"] = new Dictionary<string, string> { [Key] = _id },
        });
        await _session.Client.CallAsync("pool.create_VLAN_from_PIF", CancellationToken.None, _uplink.Ref, network, _tag);
        return await _session.Client.RecordAsync("network", network, CancellationToken.None);
    }
}

namespace VmDeploy.Xapi;

internal sealed class XapiOwnership(XapiSession session) : VmOwnership
{
    /// <summary>The key in <c>other_config</c>; a copy of a VM does not get it.</summary>
    public const string OtherKey = "vmdeploy-deployment";

    /// <summary>The same, as a key of <see cref="HardwareRequest.ExtraConfig"/>.</summary>
    public const string ExtraKey = "other-config:" + OtherKey;

    internal override string Key => ExtraKey;

    public override async Task<IReadOnlyList<DeployedVm>> ReadAsync(IReadOnlyCollection<string> extraConfig, CancellationToken cancellationToken)
    {
        var vms = (await session.Client.AllAsync("VM", cancellationToken)).Values.Where(XapiSession.IsVm).ToList();
        var reader = await VmReader.ForAllAsync(session.Client, cancellationToken);
        var storages = await session.Client.AllAsync("SR", cancellationToken);
        return vms.Select(vm => new DeployedVm(session.ToVm(vm, reader),
            Ownership.Parse(vm.Map("other_config").TryGetValue(OtherKey, out var text) ? text : null),
            reader.MediaOf(vm).Where(vdi => !CloudInitDisk.Is(vdi)).Select(vdi => storages.TryGetValue(vdi.Text("SR"), out var storage) ? $"[{storage.Name}] {vdi.Name}" : vdi.Name).ToList())
        {
            Firmware = FirmwareSettings.IsEfi(vm) ? Firmware.Efi : Firmware.Bios,
            ExtraConfig = ExtraMaps.Read(vm, extraConfig),
        }).ToList();
    }
}

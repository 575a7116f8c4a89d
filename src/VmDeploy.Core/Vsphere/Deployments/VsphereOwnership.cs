namespace VmDeploy.Vsphere;

internal sealed class VsphereOwnership(VsphereSession session) : VmOwnership
{
    /// <summary>The key in <c>extraConfig</c>; a copy of a VM does not get it.</summary>
    public const string ExtraKey = "vmdeploy.deployment";

    private const string ExtraConfig = "config.extraConfig";

    private const string Firmware = "config.firmware";

    private const string InstanceUuid = "config.instanceUuid";

    internal override string Key => ExtraKey;

    public override async Task<IReadOnlyList<DeployedVm>> ReadAsync(IReadOnlyCollection<string> extraConfig, CancellationToken cancellationToken)
    {
        var wanted = new HashSet<string>(extraConfig, StringComparer.Ordinal) { ExtraKey };
        var all = new PropertySet(VmProperties.All.Type, [.. VmProperties.All.Paths, Firmware, InstanceUuid, ExtraConfig])
        {
            Unneeded = VmProperties.CommonDevices,
            Reduce = vm => vm[ExtraConfig]?.Elements().Where(option => !wanted.Contains(option.Value("key") ?? "")).ToList().ForEach(option => option.Remove()),
        };
        var contents = await session.Properties.SelectAllAsync([all], page => page.Where(VmProperties.IsNoTemplate), cancellationToken);
        var vms = await session.ToVmsAsync(contents, cancellationToken);
        return vms.Zip(contents, (vm, content) =>
        {
            var extra = (content[ExtraConfig]?.Elements() ?? []).GroupBy(option => option.Value("key") ?? "").ToDictionary(same => same.Key, same => same.Last().Value("value") ?? "");
            return new DeployedVm(vm, Ownership.Parse(extra.TryGetValue(ExtraKey, out var text) ? text : null), IsosOf(content).ToList())
            {
                Firmware = content.Text(Firmware) switch { "efi" => VmDeploy.Firmware.Efi, "bios" => VmDeploy.Firmware.Bios, _ => null },
                ExtraConfig = extra,
                Identity = content.Text(InstanceUuid),
            };
        }).ToList();
    }

    /// <summary>The record of a VM that is begun; or what removes its source's from a copy, which an empty value does.</summary>
    public static XElement? Begin(DeploymentRequest request, string instanceUuid, CloneSource? source = null)
    {
        if (request.Owner is { } owner)
            return ConfigSpec.Extra(ExtraKey, owner.Begin(instanceUuid).ToString());
        return source?.Config.Children("extraConfig").Any(option => option.Value("key") == ExtraKey) == true ? ConfigSpec.Extra(ExtraKey, "") : null;
    }

    private static IEnumerable<string> IsosOf(ObjectContent vm) => (vm["config.hardware.device"]?.Elements() ?? [])
        .Where(device => device.Child("backing")?.TypeName() == "VirtualCdromIsoBackingInfo" && !CloudInitIso.IsIn(device))
        .Select(device => device.Child("backing")!.Value("fileName")).OfType<string>();
}

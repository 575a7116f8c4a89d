namespace VmDeploy.Vsphere;

internal sealed class VsphereOwnership(VsphereSession session) : VmOwnership
{
    /// <summary>The key in <c>extraConfig</c>; a copy of a VM does not get it.</summary>
    public const string ExtraKey = "vmdeploy.deployment";

    private const string ExtraConfig = "config.extraConfig";

    private static readonly PropertySet s_all = new(VmProperties.All.Type, [.. VmProperties.All.Paths, ExtraConfig])
    {
        Unneeded = VmProperties.CommonDevices,
        Reduce = vm => vm[ExtraConfig]?.Elements().Where(option => option.Value("key") != ExtraKey).ToList().ForEach(option => option.Remove()),
    };

    internal override string Key => ExtraKey;

    public override async Task<IReadOnlyList<DeployedVm>> ReadAsync(CancellationToken cancellationToken)
    {
        var contents = await session.Properties.SelectAllAsync([s_all], page => page.Where(VmProperties.IsNoTemplate), cancellationToken);
        var vms = await session.ToVmsAsync(contents, cancellationToken);
        return vms.Zip(contents, (vm, content) => new DeployedVm(vm,
            Ownership.Parse(content[ExtraConfig]?.Elements().FirstOrDefault()?.Value("value")), IsosOf(content).ToList())).ToList();
    }

    /// <summary>What removes the key from a copy that does not get another value: an empty one does.</summary>
    public static XElement? RemovalFrom(CloneSource source, DeploymentRequest request) => !request.Hardware.ExtraConfig.ContainsKey(ExtraKey)
        && source.Config.Children("extraConfig").Any(option => option.Value("key") == ExtraKey) ? ConfigSpec.Extra(ExtraKey, "") : null;

    private static IEnumerable<string> IsosOf(ObjectContent vm) => (vm["config.hardware.device"]?.Elements() ?? [])
        .Where(device => device.Child("backing")?.TypeName() == "VirtualCdromIsoBackingInfo" && !CloudInitIso.IsIn(device))
        .Select(device => device.Child("backing")!.Value("fileName")).OfType<string>();
}

namespace VmDeploy.Vsphere;

/// <summary>The devices of a VM at one moment, and the settings that determine how they can be changed.</summary>
internal sealed class VmHardware(Vm vm, ObjectContent content)
{
    public Vm Vm { get; } = vm;
    public ObjectContent Content { get; } = content;
    public MoRef Reference => Content.Object;

    /// <summary>As the host sent them, named <c>device</c>.</summary>
    public IReadOnlyList<XElement> Devices { get; } = ConfigSpec.Devices(content["config.hardware.device"]);

    public PowerState PowerState => VmProperties.PowerStateOf(Content.Text("runtime.powerState"));
    public bool IsEfi => Content.Text("config.firmware") == "efi";
    public IEnumerable<XElement> Cdroms => Devices.Where(d => d.TypeName() == "VirtualCdrom");

    public static async Task<VmHardware> ReadAsync(VsphereSession session, Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            return new VmHardware(vm, await session.Properties.ReadAsync(MoRef.Of(vm), cancellationToken,
                "config.hardware.device", "config.firmware", "config.guestId", "config.version", "config.files.vmPathName",
                "runtime.powerState", "runtime.host", "environmentBrowser"));
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.ObjectGone)
        {
            throw new VmDeployException(ErrorCodes.VmNotFound, $"{vm.Name} no longer exists.", vm.Name, e);
        }
    }

    public XElement? Find(int key) => Devices.FirstOrDefault(d => d.Number("key") == key);

    public IEnumerable<XElement> Without(VmHardware other)
    {
        HashSet<int?> known = [.. other.Devices.Select(d => d.Number("key"))];
        return Devices.Where(d => !known.Contains(d.Number("key")));
    }
}

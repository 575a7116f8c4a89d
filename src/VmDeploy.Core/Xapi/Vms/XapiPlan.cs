namespace VmDeploy.Xapi;

/// <summary>What all plans on XenServer have in common: a VM is built under a temporary name, and gets its own when it is finished.</summary>
internal abstract class XapiPlan(XapiSession session, DeploymentRequest request, IReadOnlyDictionary<string, Vm> existing) : DeploymentPlan(session, request, existing)
{
    private readonly bool _hasCloudInit = request.CloudInit is not null;
    private readonly Ownership? _owner = request.Owner;

    protected XapiSession Xapi { get; } = session;
    protected string? Annotation { get; } = request.Annotation;
    public RequestedHardware Hardware { get; init; } = null!;

    private protected CloudInitDisk CloudInit { get; } = new CloudInitDisk(session, request);

    /// <summary>Whether the VMs are copies of one that has cloud-init documents.</summary>
    protected bool CopiesCloudInit { get; init; }

    /// <summary>The storage repository for cloud-init's disk; null for that of the VM's other disks.</summary>
    protected virtual string? CloudInitStorage => null;

    /// <summary>Creates a VM by the given steps, which return its reference, and gives it its name; then it is finished, and can't be cancelled.</summary>
    private protected async Task<Vm> BuildAsync(VmCreation creation, Func<VmBuilder, Task<string>> build, bool isCopy = false)
    {
        var name = creation.Name;
        var builder = new VmBuilder(Xapi, creation.Scope, name) { Owner = _owner };
        try
        {
            var vm = await build(builder);
            creation.CancellationToken.ThrowIfCancellationRequested();
            await (isCopy ? Hardware.ApplyToCopyAsync(builder, vm, name) : Hardware.ApplyAsync(builder, vm, creation));
            if (_hasCloudInit || CopiesCloudInit)
                await CloudInit.ReplaceAsync(builder, vm, CloudInitStorage, creation);
            creation.CancellationToken.ThrowIfCancellationRequested();
            if (Annotation is not null)
                await builder.CallAsync("VM.set_name_description", vm, Annotation);
            await builder.CallAsync("VM.set_name_label", vm, name);
            return await Xapi.FindVmAsync(vm, CancellationToken.None);
        }
        catch (VmDeployException failure)
        {
            throw new VmDeployException(failure.Code, $"{name}: {failure.Message}", name, failure, failure.Hint) { IsTransient = failure.IsTransient };
        }
    }

    /// <summary>The disks of a VM with their VBDs, in the order of their positions.</summary>
    internal static async Task<IReadOnlyList<(XapiRecord Vbd, XapiRecord Vdi)>> DisksAsync(XapiClient client, XapiRecord vm)
    {
        var vbds = (await client.FindAsync("VBD", vm.List("VBDs"), CancellationToken.None))
            .Where(vbd => vbd.Text("type") == "Disk" && vbd.Reference("VDI") is not null).OrderBy(VmReader.PositionOf).ToList();
        var vdis = (await client.FindAsync("VDI", vbds.Select(vbd => vbd.Text("VDI")), CancellationToken.None)).ToDictionary(vdi => vdi.Ref);
        return vbds.Where(vbd => vdis.ContainsKey(vbd.Text("VDI"))).Select(vbd => (vbd, vdis[vbd.Text("VDI")])).ToList();
    }

    internal static async Task<IReadOnlyList<XapiRecord>> InterfacesAsync(XapiClient client, XapiRecord vm) =>
        (await client.FindAsync("VIF", vm.List("VIFs"), CancellationToken.None)).OrderBy(VmReader.PositionOf).ToList();

    /// <summary>The hardware of a VM or template, in the terms of all hypervisors.</summary>
    protected static async Task<SourceHardware> SourceAsync(
        XapiSession session, XapiInventory inventory, XapiRecord vm, string what, IEnumerable<XapiRecord> disks)
    {
        var networks = (await InterfacesAsync(session.Client, vm)).Select(vif =>
            vif.Reference("network") is { } reference && inventory.Networks.TryGetValue(reference, out var network) ? network.Name : "").ToList();
        return new SourceHardware(what, disks.Select(vdi => vdi.Number("virtual_size")).ToList(), networks)
        {
            Firmware = FirmwareSettings.IsEfi(vm) ? Firmware.Efi : Firmware.Bios,
        };
    }

    /// <summary>How many drives a VM will have beside its own disks; one position is always kept for a CD.</summary>
    protected static async Task<int> CountDrivesAsync(XapiClient client, XapiRecord vm, int disks, bool hasCloudInit) =>
        Math.Max(1, (await client.FindAsync("VBD", vm.List("VBDs"), CancellationToken.None)).Count - disks) + (hasCloudInit ? 1 : 0);

    /// <summary>Names a VM's own disks after it; copies keep the names of their originals.</summary>
    protected static async Task NameDisksAsync(VmBuilder builder, string name, IEnumerable<(XapiRecord Vbd, XapiRecord Vdi)> disks)
    {
        foreach (var (vbd, vdi) in disks.Where(disk => !CloudInitDisk.Is(disk.Vdi)))
            await builder.CallAsync("VDI.set_name_label", vdi.Ref, DiskName(name, VmReader.PositionOf(vbd)));
    }

    internal static string DiskName(string vm, int position) => $"{vm} disk {position}";
}

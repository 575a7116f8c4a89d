using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using VmDeploy.CloudInit;

namespace VmDeploy.Vsphere;

/// <summary>VMs from a vCenter's template: <c>CloneVM_Task</c>, and then what shall differ, on the clone's own devices.</summary>
internal sealed class TemplatePlan : DeploymentPlan
{
    private const int NewDiskKey = -400;

    private readonly VsphereSession _session;
    private readonly TemplateRequest _request;
    private readonly CloneSource _source;
    private readonly Placement _placement;
    private readonly XElement? _network;

    private TemplatePlan(VsphereSession session, TemplateRequest request, IReadOnlyDictionary<string, Vm> existing,
        CloneSource source, Placement placement, XElement? network)
        : base(session, request, existing)
    {
        _session = session;
        _request = request;
        _source = source;
        _placement = placement;
        _network = network;
    }

    public override string Action => $"Create from template {_source.Vm.Name}";

    public override string Destination => $"datastore '{Inventory.NameOf(_placement.Datastore)}' on '{_placement.HostName}'";

    public static async Task<TemplatePlan> CreateAsync(VsphereSession session, TemplateRequest request, CancellationToken cancellationToken)
    {
        if (session.Kind == HypervisorKind.Esxi)
        {
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, $"{session.Server} is a standalone host, and those have no templates.", request.Template,
                hint: ErrorHint.NoTemplatesOnHost);
        }
        VmNames.Check(request.Names);
        if (request.CloudInit is { } cloudInit)
            NoCloudDrive.Validate(cloudInit);
        var source = await TemplateSource.FindAsync(session, request, cancellationToken);
        TemplateSource.Check(request, source);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var placement = Placement.Beside(inventory, source, request);
        var network = request.Network is { } name
            ? await NetworkBacking.CreateAsync(session, NetworkBacking.Find(placement, name), cancellationToken)
            : null;
        return new TemplatePlan(session, request,
            await session.FindExistingAsync(request.Names, placement, cancellationToken), source, placement, network);
    }

    protected override async Task<Vm> MakeAsync(
        string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var bar = new OperationProgress(number, name, Action) { ParentId = 0 };
        try
        {
            return await new CloneTask(_session, _source, _placement, _request.Datastore is not null).RunAsync(name,
                instanceUuid => VimXml.El("config", VimXml.El("instanceUuid", instanceUuid)),
                (vm, instanceUuid) => ChangeAsync(vm, instanceUuid, cancellationToken),
                percent => progress.Report(bar with { Percent = percent }), cancellationToken);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }

    private async Task ChangeAsync(Vm vm, string instanceUuid, CancellationToken cancellationToken)
    {
        var hardware = await VmHardware.ReadAsync(_session, vm, cancellationToken);
        var changes = CreateChanges(hardware, vm.Name, instanceUuid);
        if (changes.HasElements)
            await _session.Tasks.RunAsync(hardware.Reference, "ReconfigVM_Task", vm.Name, cancellationToken, changes);
        await vm.RefreshAsync(cancellationToken);
    }

    private XElement CreateChanges(VmHardware clone, string name, string instanceUuid) => ConfigSpec.Create("spec",
        VimXml.Optional("annotation", _request.Annotation),
        HardwareChange.Create(_source.Config, _request.CpuCount, _request.MemoryMB),
        DiskChanges(clone),
        _network is null ? null : clone.Devices.Where(d => d.Child("macAddress") is not null).Select(NetworkChange),
        _request.CloudInit is { } data ? GuestInfo.Write(data, instanceUuid, name) : null);

    private IEnumerable<XElement> DiskChanges(VmHardware clone)
    {
        if (clone.Devices.FirstOrDefault(d => d.TypeName() == "VirtualDisk") is not { } first)
            yield break;
        if (_request.DiskBytes is { } bytes && TemplateSource.KiB(bytes) > TemplateSource.CapacityKB(first))
        {
            var grown = new XElement(first);
            grown.Child("capacityInKB")!.Value = TemplateSource.KiB(bytes).ToString(System.Globalization.CultureInfo.InvariantCulture);
            // The newer of the two sizes wins over the other, and a stale one would be refused.
            grown.Child("capacityInBytes")?.Remove();
            yield return ConfigSpec.Change("edit", grown);
        }
        var controller = first.Number("controllerKey")!.Value;
        HashSet<int?> taken = [7, .. clone.Devices.Where(d => d.Number("controllerKey") == controller).Select(d => d.Number("unitNumber"))];
        var free = Enumerable.Range(0, 15).Where(unit => !taken.Contains(unit)).ToList();
        if (_request.ExtraDiskBytes.Count > free.Count)
            throw IsoVmChecks.Invalid($"Beside the template's own disks there is place for {free.Count} more.", _request.ExtraDiskBytes.Count);
        for (var i = 0; i < _request.ExtraDiskBytes.Count; i++)
        {
            yield return ConfigSpec.Change("add", DiskLayout.CreateDisk(NewDiskKey - i, _request.ExtraDiskBytes[i], controller, free[i],
                Inventory.NameOf(_placement.Datastore), DiskProvisioning.Thin), "create");
        }
    }

    private XElement NetworkChange(XElement adapter)
    {
        var changed = new XElement(adapter);
        changed.Child("backing")!.ReplaceWith(new XElement(_network!));
        return ConfigSpec.Change("edit", changed);
    }
}

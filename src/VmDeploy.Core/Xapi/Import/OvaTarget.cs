using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Xapi;

/// <summary>The destination of an OVA, and the VM that is created from it.</summary>
internal sealed class OvaTarget
{
    private const string OtherMedia = "Other install media";

    private OvaTarget(IReadOnlyDictionary<string, object> vmRecord) => VmRecord = vmRecord;

    public XapiRecord Storage { get; private init; } = null!;
    public XapiRecord? Host { get; private init; }

    /// <summary>The network in the pool of each OVF network.</summary>
    public IReadOnlyDictionary<string, XapiRecord> Networks { get; private init; } = null!;

    public IReadOnlyList<XapiRecord> Interfaces { get; private init; } = null!;

    /// <summary>The disks in the order of the OVF; sizes in bytes, from the headers of the VMDKs.</summary>
    public IReadOnlyList<(ImportFile File, long Capacity)> Disks { get; private init; } = null!;

    /// <summary>The requested hardware of the VM.</summary>
    public RequestedHardware Hardware { get; private init; } = null!;

    public IReadOnlyList<ImportFile> Isos { get; private init; } = null!;
    public IReadOnlyDictionary<string, object> VmRecord { get; }

    /// <summary>Resolves all names and reads the headers of the disks; changes nothing.</summary>
    public static async Task<OvaTarget> CreateAsync(
        XapiSession session, OvaImportRequest request, ImportSource package, IReadOnlyDictionary<string, string> properties, CancellationToken cancellationToken)
    {
        var hardware = package.Descriptor.GetHardware(request.DeploymentOption);
        if (hardware.Drives.Count > VmBuilder.CdPositions || hardware.Disks.Count + hardware.Drives.Count > VmBuilder.DiskPositions)
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid,
                $"{package.Name} has {hardware.Disks.Count} disks and {hardware.Drives.Count} CD drives; this host allows {VmBuilder.DiskPositions} drives on a VM, up to {VmBuilder.CdPositions} of them CD drives.");
        }
        if (request.DiskProvisioning is not null)
            session.Log.OptionIgnored("The provisioning of disks (the storage repository decides)");

        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var networks = package.Descriptor.Networks.ToDictionary(n => n.Name, n => MapNetwork(session, inventory, request.Hardware.AllNetworks, n.Name));
        var fallback = networks.Count > 0 ? networks.Values.First() : inventory.DefaultNetwork;
        var disks = new List<(ImportFile File, long Capacity)>();
        foreach (var disk in hardware.Disks)
            disks.Add(await ReadDiskAsync(package, disk.Disk, cancellationToken));
        var storage = inventory.DiskStorage(request.Datastore, host);
        var source = hardware.ToSource(package.Name) with { DiskBytes = disks.Select(disk => disk.Capacity).ToList() };
        var wanted = RequestedHardware.Create(session, request, source, inventory, storage.Ref, Math.Max(1, hardware.Drives.Count) + (request.CloudInit is null ? 0 : 1));
        return new OvaTarget(await VmRecordAsync(session, request, package, hardware, properties, host, cancellationToken))
        {
            Storage = storage,
            Hardware = wanted,
            Host = host,
            Networks = networks,
            Interfaces = hardware.Nics.Select(nic => nic.NetworkName is { } name && networks.TryGetValue(name, out var network) ? network : fallback).ToList(),
            Disks = disks,
            Isos = hardware.Drives.Where(d => d.FileRef is not null).Select(d => package.GetFile(d.FileRef!)).ToList(),
        };
    }

    /// <summary>The network for one of an OVF: as mapped, otherwise that of the same name, otherwise the default.</summary>
    private static XapiRecord MapNetwork(XapiSession session, XapiInventory inventory, IReadOnlyDictionary<string, string> map, string name)
    {
        if (map.TryGetValue(name, out var wanted) || map.TryGetValue("*", out wanted))
            return inventory.Network(wanted);
        if (inventory.Networks.Values.Count(n => n.Name == name) == 1)
            return inventory.Network(name);
        session.Log.NetworkAssumed(name, inventory.DefaultNetwork.Name);
        return inventory.DefaultNetwork;
    }

    private static async Task<(ImportFile File, long Capacity)> ReadDiskAsync(ImportSource package, OvfDisk disk, CancellationToken cancellationToken)
    {
        if (disk.FileRef is null)
        {
            throw new VmDeployException(ErrorCodes.OvaFileMissing, $"Disk '{disk.DiskId}' of {package.Name} has no file.", disk.DiskId,
                hint: ErrorHint.AddEmptyDiskAfterImport);
        }
        var file = package.GetFile(disk.FileRef);
        return (file, await file.GetCapacityAsync(cancellationToken));
    }

    // Based on "Other install media", which has the platform defaults for a fully virtualized guest.
    private static async Task<Dictionary<string, object>> VmRecordAsync(
        XapiSession session, OvaImportRequest request, ImportSource package, OvfHardware hardware, IReadOnlyDictionary<string, string> properties,
        XapiRecord? host, CancellationToken cancellationToken)
    {
        var template = await OtherInstallMediaAsync(session, cancellationToken);
        var otherConfig = template.Map("other_config").Where(e => e.Key is not ("disks" or "install-methods" or "mac_seed" or "default_template" or "linux_template"))
            .ToDictionary(e => e.Key, e => e.Value);
        return new Dictionary<string, object>(template.Fields)
        {
            ["name_description"] = request.Annotation ?? package.Descriptor.Annotation?.Trim() ?? "",
            ["is_a_template"] = false,
            ["affinity"] = host?.Ref ?? XapiRecord.NullRef,
            ["memory_static_min"] = hardware.MemoryBytes,
            ["memory_dynamic_min"] = hardware.MemoryBytes,
            ["memory_dynamic_max"] = hardware.MemoryBytes,
            ["memory_static_max"] = hardware.MemoryBytes,
            ["VCPUs_max"] = hardware.CpuCount,
            ["VCPUs_at_startup"] = hardware.CpuCount,
            ["HVM_boot_params"] = FirmwareSettings.BootParams(template, hardware.IsEfi, order: "cd"),
            ["platform"] = FirmwareSettings.Platform(template, hardware.IsEfi, hardware.IsSecureBoot, hardware.CoresPerSocket is { } cores && cores > 0 && hardware.CpuCount % cores == 0 ? cores : null),
            ["other_config"] = otherConfig,
            // A guest reads it with xenstore-read vm-data/ovf/KEY.
            ["xenstore_data"] = properties.ToDictionary(p => $"vm-data/ovf/{p.Key}", p => p.Value),
        };
    }

    public static async Task<XapiRecord> OtherInstallMediaAsync(XapiSession session, CancellationToken cancellationToken)
    {
        foreach (var reference in await session.Client.ListAsync("VM.get_by_name_label", cancellationToken, OtherMedia))
        {
            var record = await session.Client.RecordAsync("VM", reference, cancellationToken);
            if (record.Flag("is_a_template") && !record.Flag("is_a_snapshot"))
                return record;
        }
        throw new VmDeployException(ErrorCodes.TemplateNotFound, $"Template '{OtherMedia}' not found.", OtherMedia,
            hint: ErrorHint.RestoreDefaultTemplates);
    }
}

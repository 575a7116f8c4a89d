using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>The hardware of a new VM. What is null or empty is as in the source: the package, the template or the VM that is copied.</summary>
public sealed record HardwareRequest
{
    /// <summary>Virtual CPUs.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long? MemoryMB { get; init; }

    /// <summary>
    /// Sizes in bytes of the source's disks, in their order; null doesn't change a disk, and none can shrink. If the source has no disk,
    /// the sizes of new ones. For a VM from scratch null is one disk of 16 GiB, and an empty list none.
    /// </summary>
    public IReadOnlyList<long?>? DiskBytes { get; init; }

    /// <summary>Sizes in bytes of further, empty disks.</summary>
    public IReadOnlyList<long> ExtraDiskBytes { get; init; } = [];

    /// <summary>
    /// Networks of the adapters, in their order; a single one is for all of them. Further networks add adapters. For a VM
    /// from scratch null is one adapter on the host's only or default network, and an empty list none.
    /// </summary>
    public IReadOnlyList<string>? Networks { get; init; }

    /// <summary>The source's network name to network name. An entry with the key <c>*</c> applies to all others.</summary>
    public IReadOnlyDictionary<string, string> NetworkMap { get; init; } = new Dictionary<string, string>();

    /// <summary>Model of the adapters (vSphere).</summary>
    public NicModel? NicModel { get; init; }

    /// <summary>MAC addresses in the order of the adapters, first all of the first VM; for several VMs, one for each adapter of each.</summary>
    public IReadOnlyList<string> MacAddresses { get; init; } = [];

    /// <summary>VMware guest id, for example <c>ubuntu64Guest</c> (vSphere).</summary>
    public string? GuestId { get; init; }

    /// <summary>Firmware; for a VM from scratch null is BIOS.</summary>
    public Firmware? Firmware { get => field ?? (SecureBoot ? VmDeploy.Firmware.Efi : null); init; }

    /// <summary>EFI firmware with secure boot; false is as in the source.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>
    /// On vSphere entries of <c>extraConfig</c>, where an empty value removes the key. On XenServer keys of maps of the VM, written as xe does:
    /// <c>platform:KEY</c>, <c>other-config:KEY</c> or <c>xenstore-data:KEY</c>.
    /// </summary>
    public IReadOnlyDictionary<string, string> ExtraConfig { get; init; } = new Dictionary<string, string>();

    /// <summary>Everything is as in the source.</summary>
    internal bool IsOfSource => CpuCount is null && MemoryMB is null && DiskBytes is null && ExtraDiskBytes.Count == 0 && Networks is null && NetworkMap.Count == 0
        && NicModel is null && MacAddresses.Count == 0 && GuestId is null && Firmware is null && !SecureBoot && ExtraConfig.Count == 0;

    /// <summary>The part that a copy of the first VM doesn't have: its own addresses, and settings that a host may leave out of a copy.</summary>
    internal HardwareRequest OfCopy => new() { MacAddresses = MacAddresses, ExtraConfig = ExtraConfig };

    /// <summary>Networks by name, with a single one of <see cref="Networks"/> as the one for all.</summary>
    internal IReadOnlyDictionary<string, string> AllNetworks =>
        Networks is { Count: 1 } ? new Dictionary<string, string> { [NetworkMaps.Others] = Networks[0] } : NetworkMap;

    /// <summary>The network to connect an adapter to; null for the source's.</summary>
    /// <param name="adapter">Its number from 0.</param>
    /// <param name="present">Its network in the source.</param>
    internal string? NetworkOf(int adapter, string present) =>
        Networks is { Count: > 1 } && adapter < Networks.Count ? Networks[adapter] : NetworkMaps.Find(AllNetworks, present);

    /// <summary>Networks of adapters that the source doesn't have.</summary>
    /// <param name="adapters">How many it has.</param>
    internal IReadOnlyList<string> NewNetworks(int adapters) => Networks?.Skip(adapters == 0 || Networks.Count > 1 ? adapters : 1).ToList() ?? [];

    /// <summary>Sizes of disks that the source doesn't have.</summary>
    /// <param name="disks">How many it has.</param>
    internal IReadOnlyList<long> NewDisks(int disks) => [.. disks == 0 ? DiskBytes?.OfType<long>() ?? [] : [], .. ExtraDiskBytes];

    /// <summary>Sizes of all disks of a VM with a source that has these.</summary>
    internal IReadOnlyList<long> AllDisks(IReadOnlyList<long> source) =>
        [.. source.Select((present, i) => SizeOf(i) is { } wanted && !SourceHardware.IsSame(wanted, present) ? wanted : present), .. NewDisks(source.Count)];

    /// <summary>The size of one of the source's disks; null for the present one.</summary>
    internal long? SizeOf(int disk) => disk < (DiskBytes?.Count ?? 0) ? DiskBytes![disk] : null;

    /// <summary>The addresses of one VM, as hosts write them.</summary>
    /// <param name="names">All VMs of the request.</param>
    /// <param name="name">One of them.</param>
    internal IReadOnlyList<string> MacAddressesOf(IReadOnlyList<string> names, string name)
    {
        var each = MacAddresses.Count / Math.Max(1, names.Count);
        return MacAddresses.Skip(names.ToList().IndexOf(name) * each).Take(each).Select(MacAddress.Parse).ToList();
    }

    /// <summary>Checks what needs neither host nor source.</summary>
    internal void Check(VmLimits limits)
    {
        limits.CheckHardware(CpuCount, MemoryMB, [.. DiskBytes?.OfType<long>() ?? [], .. ExtraDiskBytes]);
        if (MacAddresses.Select(MacAddress.Parse).GroupBy(mac => mac).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"MAC address {twice.Key} is given {twice.Count()} times.", twice.Key);
        if (SecureBoot && Firmware == VmDeploy.Firmware.Bios)
            throw VmLimits.Invalid("Secure boot requires EFI firmware; BIOS requested.", Firmware);
        OutgoingText.CheckExtraConfig(ExtraConfig);
    }

    /// <summary>What -WhatIf shows of a VM.</summary>
    /// <param name="source">The VM as it would be without this request.</param>
    /// <param name="names">All VMs of the request.</param>
    /// <param name="name">One of them.</param>
    internal VmSummary Complete(VmSummary source, IReadOnlyList<string> names, string name) => source with
    {
        CpuCount = CpuCount ?? source.CpuCount,
        MemoryMB = MemoryMB ?? source.MemoryMB,
        DiskBytes = AllDisks(source.DiskBytes),
        Networks = Networks is { Count: > 1 } || source.Networks.Count == 0
            ? (Networks ?? []).Select(network => ("", network)).ToList() : source.Networks,
        Others = [.. Describe(names, name), .. source.Others],
    };

    private IEnumerable<string> Describe(IReadOnlyList<string> names, string name)
    {
        if (NicModel is { } model)
            yield return $"{model} adapters";
        if (MacAddresses.Count > 0)
            yield return $"MAC {string.Join(" + ", MacAddressesOf(names, name))}";
        if (GuestId is not null)
            yield return $"guest id '{GuestId}'";
        if (Firmware is { } firmware)
            yield return $"{firmware.ToString().ToUpperInvariant()} firmware{(SecureBoot ? " with secure boot" : "")}";
        // The record of a deployment is not what a user asked for.
        var keys = ExtraConfig.Keys.Where(key => !key.Contains("vmdeploy")).ToList();
        if (keys.Count > 0)
            yield return $"extra configuration {Names.List(keys)}";
    }
}

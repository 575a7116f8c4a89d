namespace VmDeploy;

/// <summary>The hardware of the source of new VMs: a package, a template or a VM.</summary>
/// <param name="What">For messages, for example <c>VM 'web1'</c>.</param>
/// <param name="DiskBytes">Sizes of its disks.</param>
/// <param name="Networks">The network of each adapter; empty for one without.</param>
internal sealed record SourceHardware(string What, IReadOnlyList<long> DiskBytes, IReadOnlyList<string> Networks)
{
    // Storage repositories of XenServer create disks in steps of 2 MiB.
    private const long Rounding = 2 << 20;

    /// <summary>The firmware that its guest was installed with; null if it is not known.</summary>
    public Firmware? Firmware { get; init; }

    /// <summary>The VMs are linked clones whose disks can't grow.</summary>
    public bool SharesDisks { get; init; }

    /// <summary>Refuses hardware that the source does not allow.</summary>
    public void Check(DeploymentRequest request, VmLimits limits)
    {
        var wanted = request.Hardware;
        CheckDisks(wanted);
        if (wanted.Networks is { Count: 0 } && Networks.Count > 0)
            throw VmLimits.Invalid($"No networks requested; the adapters of {What} can't be removed.", What);
        if (wanted.Networks is { Count: > 1 } listed && listed.Count < Networks.Count)
            throw VmLimits.Invalid($"{listed.Count} networks requested; {What} has {Count(Networks.Count, "network adapter")}, and each needs one.", listed.Count);
        // A package may have networks that no adapter uses; they are checked with it. One file creates VMs and copies them: a source
        // whose adapters are all on new networks already is as requested.
        var isDone = Networks.Count > 0 && Networks.All(wanted.NetworkMap.Values.Contains);
        if (request is not OvaImportRequest && !isDone && wanted.NetworkMap.Keys.FirstOrDefault(name => name != NetworkMaps.Others && !Networks.Contains(name)) is { } unknown)
            throw VmLimits.Invalid($"Network '{unknown}' not found on {What}. {Names.Available(Networks.Distinct(), "It has no network adapters.")}", unknown);
        var adapters = Networks.Count + wanted.NewNetworks(Networks.Count).Count;
        CheckAdapters(wanted, adapters, request.Names.Count, limits);
        if (wanted.Firmware is { } firmware && Firmware is { } present && firmware != present && DiskBytes.Count > 0)
            throw VmLimits.Invalid($"{Name(firmware)} firmware requested; the guest of {What} was installed with {Name(present)} and would not boot.", firmware);
    }

    /// <summary>Refuses numbers of adapters and addresses that don't match.</summary>
    public static void CheckAdapters(HardwareRequest wanted, int adapters, int vms, VmLimits limits)
    {
        if (adapters > limits.Adapters)
            throw VmLimits.Invalid($"{adapters} network adapters requested; this host allows {limits.Adapters} on a VM.", adapters);
        var given = wanted.MacAddresses.Count;
        if (given == 0 || (vms == 1 && given <= adapters) || (vms > 1 && given == vms * adapters))
            return;
        throw new VmDeployException(ErrorCodes.MacAddressInvalid, vms == 1
            ? $"{Count(given, "MAC address", "es")} given for a VM with {Count(adapters, "network adapter")}."
            : $"{Count(given, "MAC address", "es")} given; {vms} VMs with {Count(adapters, "network adapter")} each need {vms * adapters}.", given);
    }

    /// <summary>Whether a disk has the requested size already: hosts round it up when they create one.</summary>
    public static bool IsSame(long requested, long present) => requested <= present && present - requested < Rounding && requested > present / 2;

    private void CheckDisks(HardwareRequest wanted)
    {
        var sizes = wanted.DiskBytes ?? [];
        if (DiskBytes.Count > 0 && sizes.Count > DiskBytes.Count)
            throw VmLimits.Invalid($"A size for disk {sizes.Count} requested; {What} has {Count(DiskBytes.Count, "disk")}.", sizes.Count);
        for (var i = 0; i < DiskBytes.Count; i++)
        {
            if (wanted.SizeOf(i) is not { } size || IsSame(size, DiskBytes[i]))
                continue;
            if (size < DiskBytes[i])
                throw VmLimits.Invalid($"{SizeText.Format(size)} requested for disk {i + 1} of {What}, which has {SizeText.Format(DiskBytes[i])} and can't shrink.", size);
            if (SharesDisks)
            {
                throw VmLimits.Invalid(
                    $"{SizeText.Format(size)} requested for disk {i + 1}; linked clones share the disks of {What}, and a shared disk of {SizeText.Format(DiskBytes[i])} can't grow.", size);
            }
        }
    }

    private static string Name(Firmware firmware) => firmware.ToString().ToUpperInvariant();

    private static string Count(int number, string what, string plural = "s") => $"{number} {what}{(number == 1 ? "" : plural)}";
}

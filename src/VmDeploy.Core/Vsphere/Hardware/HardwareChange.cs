namespace VmDeploy.Vsphere;

/// <summary>CPUs and memory of a copy where they differ from its source's, with what has to follow them.</summary>
internal static class HardwareChange
{
    /// <summary>Children of a <c>VirtualMachineConfigSpec</c>; null stands for the source's value.</summary>
    public static IEnumerable<XElement?> Create(XElement source, int? cpus, long? memoryMB) =>
    [
        VimXml.Optional("numCPUs", cpus),
        // The CPUs must fill all sockets; a source with 0 leaves the sockets to the host.
        cpus % Math.Max(1, source.Child("hardware")?.Number("numCoresPerSocket") ?? 1) is null or 0 ? null : VimXml.El("numCoresPerSocket", 1),
        VimXml.Optional("memoryMB", memoryMB),
        memoryMB is { } memory && Reservation(source, memory) is { } reservation
            ? VimXml.El("memoryAllocation", VimXml.El("reservation", reservation)) : null,
    ];

    /// <summary>The source's <c>memoryAllocation</c> for another size of memory.</summary>
    public static XElement? Allocation(XElement source, long? memoryMB)
    {
        if (source.Child("memoryAllocation") is not { } allocation || memoryMB is not { } memory || Reservation(source, memory) is not { } reservation)
            return source.Child("memoryAllocation");
        var changed = new XElement(allocation);
        changed.Child("reservation")!.Value = reservation.ToString(CultureInfo.InvariantCulture);
        return changed;
    }

    // In MiB; null if it need not change. It is never larger than the memory, and as large where it is locked to it.
    private static long? Reservation(XElement source, long memoryMB)
    {
        if (!long.TryParse(source.Child("memoryAllocation")?.Value("reservation"), NumberStyles.None, CultureInfo.InvariantCulture, out var present))
            return null;
        var wanted = source.Value("memoryReservationLockedToMax") == "true" ? memoryMB : Math.Min(present, memoryMB);
        return wanted == present ? null : wanted;
    }
}

namespace VmDeploy.Vsphere;

/// <summary>A clone request with all its names resolved.</summary>
internal sealed record ResolvedClone(CloneSource Source, CloneRequest Request, Placement Placement)
{
    /// <summary>The snapshot that linked clones on vCenter are based on; null for full clones.</summary>
    public MoRef? Snapshot { get; init; }

    /// <summary>Entries of <c>extraConfig</c> for every clone.</summary>
    public IReadOnlyList<XElement> Options { get; init; } = [];

    /// <summary>The clone's cloud-init documents.</summary>
    public CloudInitDelivery CloudInit { get; private init; } = null!;

    /// <summary>The requested hardware of the clone.</summary>
    public RequestedHardware Hardware { get; private init; } = null!;

    public VmSummary Summarize() => Placement.Summarize() with
    {
        CpuCount = Source.CpuCount,
        MemoryMB = Source.MemoryMB,
        DiskBytes = Source.DiskBytes,
        Networks = Hardware.NetworkNames,
        Others = CloudInit.Summary,
    };

    public static async Task<ResolvedClone> CreateAsync(
        VsphereSession session, CloneRequest request, Inventory inventory, CancellationToken cancellationToken)
    {
        var source = await CloneSource.ReadAsync(session, request.Source, cancellationToken);
        var placement = await StorageDrs.PlaceCopyAsync(session, Placement.OfCopy(inventory, source, request), request, source, cancellationToken);
        return new ResolvedClone(source, request, placement)
        {
            CloudInit = new CloudInitDelivery(session, request, source),
            Hardware = await RequestedHardware.CreateAsync(session, request, source.ToHardware(inventory) with { SharesDisks = request.Linked },
                placement, source.Devices, cancellationToken),
        };
    }
}

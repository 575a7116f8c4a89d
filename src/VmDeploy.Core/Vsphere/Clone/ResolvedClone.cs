namespace VmDeploy.Vsphere;

/// <summary>A clone request with all its names resolved; the networks are new backings, by the adapter's key.</summary>
internal sealed record ResolvedClone(
    CloneSource Source, CloneRequest Request, Placement Placement, IReadOnlyDictionary<string, XElement> Networks)
{
    /// <summary>The snapshot that linked clones on vCenter are based on; null for full clones.</summary>
    public MoRef? Snapshot { get; init; }

    /// <summary>The clone's cloud-init documents.</summary>
    public CloudInitDelivery CloudInit { get; private init; } = null!;

    /// <summary>The requested hardware of the clone.</summary>
    public RequestedHardware Hardware { get; private init; } = null!;

    /// <summary>The network of each adapter, on the source and on the clone.</summary>
    public IReadOnlyList<(string Source, string Target)> NetworkNames { get; private init; } = [];

    public VmSummary Summarize() => Placement.Summarize() with
    {
        CpuCount = Source.CpuCount,
        MemoryMB = Source.MemoryMB,
        DiskBytes = Source.DiskBytes,
        Networks = NetworkNames,
        Others = CloudInit.Summary,
    };

    public static async Task<ResolvedClone> CreateAsync(
        VsphereSession session, CloneRequest request, Inventory inventory, CancellationToken cancellationToken)
    {
        var source = await CloneSource.ReadAsync(session, request.Source, cancellationToken);
        var placement = Placement.OfCopy(inventory, source, request);
        var networks = new Dictionary<string, XElement>();
        var names = new List<(string Source, string Target)>();
        foreach (var adapter in source.Adapters)
        {
            var present = VmProperties.NetworkNameOf(adapter, inventory) ?? "";
            var mapped = request.Hardware.NetworkOf(names.Count, present);
            names.Add((present, mapped ?? present));
            if (mapped is { } wanted)
            {
                networks[adapter.Value("key")!] = await NetworkBacking.CreateAsync(
                    session, NetworkBacking.Find(placement, wanted, $" (for the source's network '{present}')"), cancellationToken);
            }
        }
        return new ResolvedClone(source, request, placement, networks)
        {
            NetworkNames = names,
            CloudInit = new CloudInitDelivery(session, request, source),
            Hardware = await RequestedHardware.CreateAsync(session, request, source.ToHardware(inventory) with { SharesDisks = request.Linked },
                placement, source.Devices, cancellationToken),
        };
    }
}

namespace VmDeploy.Vsphere;

/// <summary>
/// Storage DRS of a vCenter: where a datastore cluster wants the disks of new VMs. The VMs are then created on that datastore as on any
/// other, because <c>ImportVApp</c> takes no recommendation.
/// </summary>
internal static class StorageDrs
{
    private const string Enabled = "podStorageDrsEntry.storageDrsConfig.podConfig.enabled";

    /// <summary>The placement of a new VM, on the datastore that Storage DRS recommends if the request names a cluster where it is on.</summary>
    /// <param name="session">The session.</param>
    /// <param name="placement">The placement, on the member with the most free space.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="diskBytes">Sizes of its disks.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task<Placement> PlaceNewAsync(
        VsphereSession session, Placement placement, DeploymentRequest request, IReadOnlyList<long> diskBytes, CancellationToken cancellationToken)
    {
        var layout = DiskLayout.Create(wanted: null, guest: null);
        // The number of disks says nothing about the space, but one controller has no more places.
        var disks = layout.CreateDisks([.. diskBytes.Take(DiskLayout.ScsiDisks)], "", provisioning: null);
        return AskAsync(session, placement, pod =>
        [
            VimXml.El("type", "create"),
            VimXml.El("podSelectionSpec",
                VimXml.El("initialVmConfig", VimXml.Ref("storagePod", pod), disks.Select(disk => VimXml.El("disk",
                    VimXml.El("diskId", disk.Value("key")), ConfigSpec.Named(disk.Child("backing")!, "diskBackingInfo")))),
                VimXml.Ref("storagePod", pod)),
            ConfigSpec.Create("configSpec",
                VimXml.El("name", request.Names[0]),
                VimXml.El("guestId", "otherGuest64"),
                VimXml.El("numCPUs", request.Hardware.CpuCount ?? 1),
                VimXml.El("memoryMB", request.Hardware.MemoryMB ?? 1024),
                ConfigSpec.Change("add", layout.Controller!),
                disks.Select(disk => ConfigSpec.Change("add", disk, "create"))),
        ], cancellationToken);
    }

    /// <summary>The same for a copy. A linked clone needs next to no space.</summary>
    public static Task<Placement> PlaceCopyAsync(
        VsphereSession session, Placement placement, DeploymentRequest request, CloneSource source, CancellationToken cancellationToken) =>
        request is CloneRequest { Linked: true } ? Task.FromResult(placement) : AskAsync(session, placement, pod =>
        [
            VimXml.El("type", "clone"),
            VimXml.Ref("vm", source.Content.Object),
            VimXml.El("podSelectionSpec", VimXml.Ref("storagePod", pod)),
            VimXml.El("cloneSpec",
                VimXml.El("location", VimXml.Ref("pool", placement.ResourcePool), VimXml.Ref("host", placement.Host?.Object)),
                VimXml.El("template", false), VimXml.El("powerOn", false)),
            VimXml.El("cloneName", request.Names[0]),
        ], cancellationToken);

    private static async Task<Placement> AskAsync(VsphereSession session, Placement placement, Func<MoRef, IEnumerable<XElement?>> spec, CancellationToken cancellationToken)
    {
        if (placement.Pod is not { } pod)
            return placement;
        var name = Inventory.NameOf(pod);
        try
        {
            if ((await session.Properties.ReadAsync(pod.Object, cancellationToken, Enabled)).Text(Enabled) != "true")
                return placement;
            var reply = await session.Soap.CallAsync(session.Content.StorageResourceManager, "RecommendDatastores", cancellationToken, VimXml.El("storageSpec",
                spec(pod.Object),
                VimXml.Ref("resourcePool", placement.ResourcePool),
                VimXml.Ref("host", placement.Host?.Object),
                VimXml.Ref("folder", placement.Folder),
                // Other VMs stay where they are.
                VimXml.El("disallowPrerequisiteMoves", true)));
            var best = reply.Child("returnval")?.Children("recommendations").SelectMany(one => one.Children("action")).Select(action => action.Child("destination")).OfType<XElement>().FirstOrDefault();
            if (best is not null && placement.On(best.ToMoRef(), $"recommended by Storage DRS of datastore cluster '{name}'") is { } recommended)
                return recommended;
            session.Log.StorageDrsSilent(name, Inventory.NameOf(placement.Datastore));
        }
        catch (VimFault fault)
        {
            session.Log.StorageDrsFailed(name, Inventory.NameOf(placement.Datastore), fault.Message);
        }
        return placement;
    }
}

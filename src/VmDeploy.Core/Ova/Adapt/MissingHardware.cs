namespace VmDeploy.Ova;

/// <summary>A virtual system without hardware gets what its disks and networks need: all disks on SATA, an adapter on each network.</summary>
internal sealed class MissingHardware : IOvfAdaptation
{
    private const int PlacesOnController = 30;
    private const int MostControllers = 4;
    private const int MostAdapters = 10;

    public void Apply(OvfDraft draft)
    {
        // Which of several systems the disks belong to is not known. Version 0.9 has its hardware in an element of another name.
        if (draft.Systems.Count != 1 || draft.Hardware.Count > 0 || draft.Systems[0].Elements(draft.Own + "Section").Any())
            return;
        var disks = Names(draft, "DiskSection", "Disk", "diskId").Take(PlacesOnController * MostControllers).ToList();
        var networks = Names(draft, "NetworkSection", "Network", "name").Take(MostAdapters).ToList();
        var hardware = new XElement(draft.Own + "VirtualHardwareSection", new XElement(draft.Own + "Info", "Virtual hardware"),
            new XElement(draft.Own + "System",
                new XElement(OvfDraft.Vssd + "ElementName", "Virtual Hardware Family"),
                new XElement(OvfDraft.Vssd + "InstanceID", "0"),
                new XElement(OvfDraft.Vssd + "VirtualSystemType", "vmx-13")));
        draft.Systems[0].Add(hardware);
        draft.AddItem(hardware, 3, "1 virtual CPU", ("VirtualQuantity", "1"));
        draft.AddItem(hardware, 4, "1024 MB of memory", ("AllocationUnits", "byte * 2^20"), ("VirtualQuantity", "1024"));
        var controller = "";
        for (var i = 0; i < disks.Count; i++)
        {
            if (i % PlacesOnController == 0)
            {
                controller = draft.AddItem(hardware, SataControllers.Storage, $"SATA controller {i / PlacesOnController}",
                    ("Address", $"{i / PlacesOnController}"), ("ResourceSubType", SataControllers.Model));
            }
            draft.AddItem(hardware, 17, $"Hard disk {i + 1}", ("AddressOnParent", $"{i % PlacesOnController}"), ("HostResource", $"ovf:/disk/{disks[i]}"), ("Parent", controller));
        }
        for (var i = 0; i < networks.Count; i++)
        {
            draft.AddItem(hardware, 10, $"Network adapter {i + 1}",
                ("AutomaticAllocation", "true"), ("Connection", networks[i]), ("ResourceSubType", "E1000"));
        }
        draft.Note("missing VirtualHardwareSection",
            $"hardware added: 1 vCPU, 1 GB of memory, {disks.Count} {(disks.Count == 1 ? "disk" : "disks")} on SATA, {networks.Count} {(networks.Count == 1 ? "network adapter" : "network adapters")}");
    }

    private static IEnumerable<string> Names(OvfDraft draft, string section, string element, string attribute) =>
        draft.Envelope.Elements(draft.Own + section).Elements(draft.Own + element).Select(found => draft.Attribute(found, attribute)).OfType<string>();
}

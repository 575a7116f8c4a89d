namespace VmDeploy.Ova;

/// <summary>OVF 2.0 becomes 1.x: its namespace; items for storage and network ports, and shared disks, become general ones.</summary>
internal sealed class NewerEnvelope : IOvfAdaptation
{
    private static readonly string[] s_items = ["StorageItem", "EthernetPortItem"];

    public void Apply(OvfDraft draft)
    {
        if (draft.Own.NamespaceName.StartsWith("http://schemas.dmtf.org/ovf/envelope/", StringComparison.Ordinal) && draft.Own != OvfDraft.Ovf)
        {
            draft.Note($"OVF namespace '{draft.Own.NamespaceName}'", "OVF 2 rewritten as OVF 1");
            OvfNamespaces.Replace(draft.Envelope, draft.Own, OvfDraft.Ovf);
            draft.Envelope.SetAttributeValue(OvfDraft.Ovf + "version", null);
        }
        MoveSharedDisks(draft);
        foreach (var item in draft.Hardware.Elements().Where(item => item.Name.Namespace == draft.Own && s_items.Contains(item.Name.LocalName)).ToList())
        {
            draft.Note($"element '{item.Name.LocalName}'", $"element '{item.Name.LocalName}' '{Label(item)}' rewritten as Item");
            item.Name = draft.Own + "Item";
            // The three kinds have the same fields in their own namespaces, and the order of the fields is alphabetical.
            foreach (var field in item.Elements())
                field.Name = OvfDraft.Rasd + field.Name.LocalName;
        }
    }

    // The descriptor of one VM does not say whether others share its disk.
    private static void MoveSharedDisks(OvfDraft draft)
    {
        foreach (var section in draft.Envelope.Elements(draft.Own + "SharedDiskSection").ToList())
        {
            var disks = section.Elements(draft.Own + "SharedDisk").ToList();
            draft.Note("section 'SharedDiskSection'", "SharedDiskSection merged into the DiskSection");
            foreach (var disk in disks)
            {
                disk.Name = draft.Own + "Disk";
                disk.SetAttributeValue(draft.Own + "readOnly", null);
            }
            if (draft.Envelope.Element(draft.Own + "DiskSection") is { } present)
            {
                present.Add(disks);
                section.Remove();
            }
            else
            {
                section.Name = draft.Own + "DiskSection";
            }
        }
    }

    private static string? Label(XElement item) =>
        item.Elements().FirstOrDefault(field => field.Name.LocalName is "ElementName" or "Caption")?.Value ?? item.Elements().FirstOrDefault(field => field.Name.LocalName == "InstanceID")?.Value;
}

namespace VmDeploy.Ova;

/// <summary>OVF 0.9 becomes 1.x: its namespace, sections that are named by a type, addresses of files and disks, and items of old CIM.</summary>
internal sealed class OldEnvelope : IOvfAdaptation
{
    private const string TypeSuffix = "_Type";

    private static readonly XNamespace s_xsi = "http://www.w3.org/2001/XMLSchema-instance";

    public void Apply(OvfDraft draft)
    {
        if (!draft.Own.NamespaceName.StartsWith("http://www.vmware.com/schema/ovf/", StringComparison.Ordinal))
            return;
        draft.Note($"OVF namespace '{draft.Own.NamespaceName}'", "OVF 0.9 rewritten as OVF 1");
        OvfNamespaces.Replace(draft.Envelope, draft.Own, OvfDraft.Ovf);
        draft.Envelope.SetAttributeValue(OvfDraft.Ovf + "version", null);
        foreach (var element in draft.Envelope.Descendants().Where(element => element.Name == draft.Own + "Section" || element.Name == draft.Own + "Content").ToList())
            NameByType(draft, element);
        foreach (var disk in draft.Envelope.Elements(draft.Own + "DiskSection").Elements(draft.Own + "Disk"))
        {
            if (disk.Attribute(OvfDraft.Ovf + "fileRef") is { } reference)
                reference.Value = reference.Value.Substring(reference.Value.LastIndexOf('/') + 1);
        }
        foreach (var settings in draft.Hardware.Elements().Where(settings => settings.Name == draft.Own + "Item" || settings.Name == draft.Own + "System"))
            Modernize(settings);
    }

    private static void NameByType(OvfDraft draft, XElement element)
    {
        var type = (string?)element.Attribute(s_xsi + "type") ?? "";
        var name = type.Substring(type.IndexOf(':') + 1);
        if (!name.EndsWith(TypeSuffix, StringComparison.Ordinal) || !name.Substring(0, name.Length - TypeSuffix.Length).All(letter => letter is >= 'A' and <= 'Z' or >= 'a' and <= 'z') || name.Length == TypeSuffix.Length)
            return;
        element.Name = draft.Own + name.Substring(0, name.Length - TypeSuffix.Length);
        element.SetAttributeValue(s_xsi + "type", null);
    }

    private static void Modernize(XElement settings)
    {
        var fields = settings.Elements().ToList();
        foreach (var field in fields)
        {
            field.Name = field.Name.Namespace + (field.Name.LocalName switch
            {
                "InstanceId" => "InstanceID",
                "BusNumber" => "Address",
                _ => field.Name.LocalName,
            });
            if (field.Name.LocalName == "HostResource" && !field.Value.TrimStart().StartsWith("ovf:", StringComparison.Ordinal))
                field.Value = "ovf:/" + field.Value.Trim().TrimStart('/');
        }
        // Not in 0.9, and required since.
        if (fields.Count > 0 && !fields.Exists(field => field.Name.LocalName == "ElementName"))
            fields.Add(new XElement(fields[0].Name.Namespace + "ElementName", fields.Find(field => field.Name.LocalName == "Caption")?.Value ?? "-"));
        settings.ReplaceNodes(fields.OrderBy(field => field.Name.LocalName, StringComparer.Ordinal));
    }
}

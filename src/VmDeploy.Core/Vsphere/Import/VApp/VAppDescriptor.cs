using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>Writes names and values of properties into the descriptor of a vApp, because a vCenter takes them for single VMs only.</summary>
internal static class VAppDescriptor
{
    /// <summary>The descriptor with these names and values.</summary>
    /// <param name="xml">The descriptor.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="names">Name by the id of a machine.</param>
    /// <param name="values">Values by the id of a machine: full key of a property, its own or inherited, to value.</param>
    /// <exception cref="VmDeployException"><c>VAppNotPossible</c> if a property of a collection would have several values.</exception>
    public static string Write(string xml, string file, IReadOnlyDictionary<string, string> names, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> values)
    {
        var draft = new OvfDraft(new OvfXml(file).Load(xml));
        var ovf = new OvfElements(draft.Envelope);
        var written = new Dictionary<XElement, string>();
        foreach (var system in draft.Systems)
        {
            if (ovf.Attribute(system, "id") is not { } id || !names.TryGetValue(id, out var name))
                continue;
            SetName(ovf, system, name);
            foreach (var pair in values[id])
            {
                var property = Find(ovf, system, pair.Key);
                if (property is null)
                    continue;
                if (written.TryGetValue(property, out var other) && other != pair.Value)
                    throw new VmDeployException(ErrorCodes.VAppNotPossible, $"The property '{pair.Key}' of '{file}' belongs to a collection; in a vApp it has one value for all machines.", pair.Key);
                written[property] = pair.Value;
                ovf.Children(property, "Value").Remove();
                property.SetAttributeValue(draft.Own + "value", pair.Value);
            }
        }
        return draft.ToXml();
    }

    private static void SetName(OvfElements ovf, XElement system, string name)
    {
        var element = new XElement(system.Name.Namespace + "Name", name);
        if (ovf.Child(system, "Name") is { } present)
            present.ReplaceWith(element);
        else if (ovf.Child(system, "Info") is { } info)
            info.AddAfterSelf(element);
        else
            system.AddFirst(element);
    }

    // Of the machine itself, otherwise of the nearest collection.
    private static XElement? Find(OvfElements ovf, XElement system, string fullKey) => system.AncestorsAndSelf()
        .SelectMany(entity => ovf.Children(entity, "ProductSection"))
        .SelectMany(section => ovf.Children(section, "Property").Where(property => FullKey(ovf, section, property) == fullKey)).FirstOrDefault();

    private static string FullKey(OvfElements ovf, XElement section, XElement property) => new OvfProperty(ovf.Attribute(property, "key") ?? "", "")
    {
        Class = ovf.Attribute(section, "class") ?? "",
        Instance = ovf.Attribute(section, "instance") ?? "",
    }.FullKey;
}

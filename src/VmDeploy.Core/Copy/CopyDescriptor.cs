using VmDeploy.Ova;

namespace VmDeploy.Copy;

/// <summary>The descriptor of a VM whose disks are sent while they are read: its files have names, and no sizes, which nobody knows.</summary>
internal sealed class CopyDescriptor(string xml, string vm)
{
    private const string Format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";

    private readonly OvfDraft _draft = new(new OvfXml(vm).Load(xml));

    /// <summary>Names the file of each disk after its place (<c>disk-0.vmdk</c>), and adds those that are missing.</summary>
    /// <returns>The names of all files, and what each was called before; null for one that was added.</returns>
    public IReadOnlyList<(string Name, string? Original)> NameFiles()
    {
        var references = _draft.Envelope.Element(_draft.Own + "References")
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The descriptor of VM '{vm}' has no References.", vm);
        var files = references.Elements(_draft.Own + "File").ToDictionary(file => _draft.Attribute(file, "id") ?? "");
        var names = new List<(string Name, string? Original)>();
        var disks = _draft.Envelope.Descendants(_draft.Own + "Disk").ToList();
        for (var i = 0; i < disks.Count; i++)
        {
            var name = $"disk-{i}.vmdk";
            if (_draft.Attribute(disks[i], "fileRef") is { } id && files.TryGetValue(id, out var file))
            {
                names.Add((name, _draft.Attribute(file, "href")));
                file.SetAttributeValue(_draft.Own + "href", name);
                files.Remove(id);
                continue;
            }
            references.Add(new XElement(_draft.Own + "File", new XAttribute(_draft.Own + "href", name), new XAttribute(_draft.Own + "id", $"copied{i + 1}")));
            disks[i].SetAttributeValue(_draft.Own + "fileRef", $"copied{i + 1}");
            disks[i].SetAttributeValue(_draft.Own + "format", Format);
            names.Add((name, null));
        }
        names.AddRange(files.Values.Select(other => _draft.Attribute(other, "href") ?? "").Select(href => (href, (string?)href)));
        foreach (var size in references.Elements().Attributes(_draft.Own + "size").ToList())
            size.Remove();
        return names;
    }

    public string ToXml() => _draft.ToXml();
}

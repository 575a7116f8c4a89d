namespace VmDeploy.Ova;

/// <summary>Writes an envelope with one virtual system of a collection, for hosts that take no collections.</summary>
internal sealed class OvfMachineEnvelope(OvfElements ovf, XElement envelope)
{
    // What every machine gets whole: the deployment options, and sections that are not known.
    private readonly int _shared = envelope.Elements()
        .Where(section => !IsCut(ovf, section) && !IsContent(ovf, section)).Sum(section => section.DescendantsAndSelf().Count());

    /// <summary>The least number of elements that <see cref="Create"/> copies.</summary>
    public int CountLeast(XElement system, IReadOnlyList<XElement> inherited) =>
        _shared + system.DescendantsAndSelf().Count() + inherited.Sum(section => section.DescendantsAndSelf().Count());

    /// <summary>Copies a virtual system, the product sections that it inherits (the nearest first), and what both use of the envelope.</summary>
    public XElement Create(XElement system, IReadOnlyList<XElement> inherited)
    {
        var machine = new XElement(system);
        foreach (var section in inherited)
            Inherit(machine, section);

        var uses = new Uses(ovf, machine);
        var single = new XElement(envelope.Name, envelope.Attributes(), Prefixes(system));
        single.Add(envelope.Elements().Where(section => !IsCut(ovf, section) && !IsContent(ovf, section)), machine);
        uses.AddDisks(envelope);
        foreach (var section in envelope.Elements().Where(section => ovf.Is(section, "NetworkSection")).Reverse())
            AddCut(single, section, "Network", network => uses.Networks.Contains(ovf.Attribute(network, "name") ?? ""));
        foreach (var section in envelope.Elements().Where(section => ovf.Is(section, "SharedDiskSection")).Reverse())
            AddCut(single, section, "SharedDisk", IsUsed);
        foreach (var section in envelope.Elements().Where(section => ovf.Is(section, "DiskSection")).Reverse())
            AddCut(single, section, "Disk", IsUsed);
        // A descriptor begins with its files, even if there are none.
        foreach (var section in envelope.Elements().Where(section => ovf.Is(section, "References")).Reverse())
            AddCut(single, section, "File", file => uses.Files.Contains(ovf.Attribute(file, "id") ?? ""), keepEmpty: true);

        uses.AddTexts(single);
        foreach (var bundle in envelope.Elements().Where(section => ovf.Is(section, "Strings")))
        {
            var cut = Cut(bundle, "Msg", message => uses.Messages.Contains(ovf.Attribute(message, "msgid") ?? ""));
            if (cut.HasElements)
                single.Add(cut);
        }
        return single;

        bool IsUsed(XElement disk) => uses.Disks.Contains(ovf.Attribute(disk, "diskId") ?? "");
    }

    private static bool IsCut(OvfElements ovf, XElement section) =>
        ovf.Is(section, "References") || ovf.Is(section, "DiskSection") || ovf.Is(section, "SharedDiskSection") || ovf.Is(section, "NetworkSection") || ovf.Is(section, "Strings");

    private static bool IsContent(OvfElements ovf, XElement section) => ovf.Is(section, "VirtualSystem") || ovf.Is(section, "VirtualSystemCollection");

    // A machine has one section of a class and instance, and its own properties take precedence.
    private void Inherit(XElement machine, XElement section)
    {
        if (ovf.Children(machine, "ProductSection").FirstOrDefault(own => Same(own, section, "class") && Same(own, section, "instance")) is { } present)
        {
            var keys = new HashSet<string?>(ovf.Children(present, "Property").Select(property => ovf.Attribute(property, "key")));
            present.Add(ovf.Children(section, "Property").Where(property => !keys.Contains(ovf.Attribute(property, "key"))));
        }
        else if ((ovf.Children(machine, "ProductSection").LastOrDefault() ?? ovf.Child(machine, "Name") ?? ovf.Child(machine, "Info")) is { } before)
        {
            before.AddAfterSelf(section);
        }
        else
        {
            machine.AddFirst(section);
        }
    }

    private bool Same(XElement a, XElement b, string attribute) => (ovf.Attribute(a, attribute) ?? "") == (ovf.Attribute(b, attribute) ?? "");

    private void AddCut(XElement single, XElement section, string kind, Func<XElement, bool> isUsed, bool keepEmpty = false)
    {
        var cut = Cut(section, kind, isUsed);
        if (keepEmpty || ovf.Child(cut, kind) is not null)
            single.AddFirst(cut);
    }

    private XElement Cut(XElement section, string kind, Func<XElement, bool> isUsed) =>
        new(section.Name, section.Attributes(), section.Elements().Where(child => !ovf.Is(child, kind) || isUsed(child)));

    // Names in attribute values need the prefixes that the collections declare.
    private IEnumerable<XAttribute> Prefixes(XElement system)
    {
        var known = new HashSet<XName>(envelope.Attributes().Select(attribute => attribute.Name)) { "xmlns" };
        return system.Ancestors().TakeWhile(ancestor => ancestor != envelope).SelectMany(ancestor => ancestor.Attributes())
            .Where(attribute => attribute.IsNamespaceDeclaration && known.Add(attribute.Name));
    }

    /// <summary>What a virtual system refers to.</summary>
    private sealed class Uses
    {
        private readonly OvfElements _ovf;

        public Uses(OvfElements ovf, XElement machine)
        {
            _ovf = ovf;
            foreach (var element in machine.DescendantsAndSelf())
            {
                foreach (var value in element.Attributes().Select(attribute => attribute.Value).Append(element.HasElements ? "" : element.Value))
                {
                    if (OvfHardwareReader.ReferenceOf(value.Trim()) is { } reference)
                        (reference.Kind == "disk" ? Disks : Files).Add(reference.Id);
                }
                if (ovf.Attribute(element, "fileRef") is { } file)
                    Files.Add(file);
                if (element.Name.LocalName == "Connection")
                    Networks.Add(element.Value.Trim());
            }
        }

        public HashSet<string> Disks { get; } = [];
        public HashSet<string> Files { get; } = [];
        public HashSet<string> Networks { get; } = [];
        public HashSet<string> Messages { get; } = [];

        /// <summary>The disks that a delta disk builds on, and the files of all.</summary>
        public void AddDisks(XElement envelope)
        {
            var byId = new Dictionary<string, XElement>();
            foreach (var disk in envelope.Elements().Elements().Where(disk => _ovf.Is(disk, "Disk") || _ovf.Is(disk, "SharedDisk")))
            {
                if (_ovf.Attribute(disk, "diskId") is { } id)
                    byId[id] = disk;
            }
            foreach (var id in Disks.ToList())
            {
                for (var parent = id; byId.TryGetValue(parent, out var disk); Disks.Add(parent))
                {
                    if (OvfReader.FileOf(_ovf, disk) is { } file)
                        Files.Add(file);
                    if (_ovf.Attribute(disk, "parentRef") is not { } next || Disks.Contains(next))
                        break;
                    parent = next;
                }
            }
        }

        public void AddTexts(XElement single) =>
            Messages.UnionWith(single.DescendantsAndSelf().Select(element => _ovf.Attribute(element, "msgid")).OfType<string>());
    }
}

namespace VmDeploy.Ova;

/// <summary>Reads a VirtualSystemCollection with those that are nested in it.</summary>
internal sealed class OvfGroupReader(OvfElements ovf, XElement envelope, string name)
{
    // No vCenter takes as many; the bounds limit the work for a hostile descriptor.
    private const int MaxMachines = 200;
    private const int MaxDepth = 8;
    private const int MaxElements = 400_000;

    private readonly HashSet<string> _ids = [];
    private readonly OvfMachineEnvelope _envelopes = new(ovf, envelope);
    private int _machines;
    private int _elements;

    public OvfGroup Read(XElement collection)
    {
        Check(collection, [], 1);
        return _machines > 0 ? Read(collection, new OvfStartup(), [], []) : throw Malformed($"the collection '{ovf.Attribute(collection, "id")}' has no VirtualSystem");
    }

    // Before anything is copied.
    private void Check(XElement collection, IReadOnlyList<XElement> inherited, int depth)
    {
        if (depth > MaxDepth)
            throw Malformed($"its collections are nested deeper than {MaxDepth}");
        CheckId(collection);
        var products = Inherit(collection, inherited);
        foreach (var child in collection.Elements())
        {
            if (ovf.Is(child, "VirtualSystemCollection"))
            {
                Check(child, products, depth + 1);
            }
            else if (ovf.Is(child, "VirtualSystem"))
            {
                CheckId(child);
                if (++_machines > MaxMachines)
                    throw Malformed($"it has more than {MaxMachines} virtual systems");
                Count(_envelopes.CountLeast(child, products));
            }
        }
    }

    private void CheckId(XElement entity)
    {
        if (string.IsNullOrEmpty(ovf.Attribute(entity, "id")))
            throw Malformed($"a {entity.Name.LocalName} element has no id");
        if (!_ids.Add(ovf.Attribute(entity, "id")!))
            throw Malformed($"two virtual systems have the id '{ovf.Attribute(entity, "id")}'");
    }

    // The nearest collection takes precedence.
    private IReadOnlyList<XElement> Inherit(XElement collection, IReadOnlyList<XElement> inherited) => [.. ovf.Children(collection, "ProductSection"), .. inherited];

    private OvfGroup Read(XElement collection, OvfStartup startup, IReadOnlyList<XElement> inherited, IReadOnlyList<int> orders)
    {
        var products = Inherit(collection, inherited);
        var items = ReadItems(collection);
        var children = new List<OvfEntity>();
        foreach (var child in collection.Elements())
        {
            if (ovf.Is(child, "VirtualSystemCollection"))
                children.Add(Read(child, StartupOf(child), products, [.. orders, StartupOf(child).Order]));
            else if (ovf.Is(child, "VirtualSystem"))
                children.Add(ReadMachine(child, StartupOf(child), products, orders));
        }
        return new OvfGroup(IdOf(collection), NameOf(collection), startup, children);

        OvfStartup StartupOf(XElement child)
        {
            var own = items.TryGetValue(IdOf(child), out var item) ? item : new OvfStartup();
            return own with { PowersOn = own.PowersOn && startup.PowersOn };
        }
    }

    private OvfMachine ReadMachine(XElement system, OvfStartup startup, IReadOnlyList<XElement> inherited, IReadOnlyList<int> orders)
    {
        var single = _envelopes.Create(system, inherited);
        _elements -= _envelopes.CountLeast(system, inherited);
        Count(single.Descendants().Count());
        var order = string.Join(".", orders.Append(startup.Order).Select(number => number.ToString(CultureInfo.InvariantCulture)));
        return new OvfMachine(IdOf(system), NameOf(system), startup, order, single, new OvfReader(single, $"{name} ({IdOf(system)})").Read());
    }

    private string IdOf(XElement entity) => ovf.Attribute(entity, "id")!;

    private string NameOf(XElement entity) => ovf.Text(entity, "Name") ?? IdOf(entity);

    private Dictionary<string, OvfStartup> ReadItems(XElement collection)
    {
        var items = new Dictionary<string, OvfStartup>();
        foreach (var item in ovf.Children(collection, "StartupSection").SelectMany(section => ovf.Children(section, "Item")))
        {
            if (ovf.Attribute(item, "id") is { } id && !items.ContainsKey(id))
            {
                items[id] = new OvfStartup
                {
                    Order = Number(item, "order", int.MaxValue),
                    DelaySeconds = Number(item, "startDelay", ushort.MaxValue),
                    WaitsForGuest = ovf.Flag(item, "waitingForGuest"),
                    PowersOn = ovf.Attribute(item, "startAction") != "none",
                };
            }
        }
        return items;
    }

    private int Number(XElement item, string attribute, int most) => ovf.Attribute(item, attribute) is not { } text ? 0
        : int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= most ? value
        : throw Malformed($"an item of the StartupSection has the {attribute} '{text}'; 0 to {most} are valid");

    private void Count(int elements)
    {
        _elements += elements;
        if (_elements > MaxElements)
            throw Malformed($"its virtual systems have more than {MaxElements} elements in all");
    }

    private VmDeployException Malformed(string what) => new(ErrorCodes.OvfMalformed, $"'{name}' is not a valid OVF: {what}.", name);
}

namespace VmDeploy.Ova;

/// <summary>A machine, or a collection of them, in a VirtualSystemCollection.</summary>
public abstract class OvfEntity
{
    private protected OvfEntity(string id, string name, OvfStartup startup)
    {
        Id = id;
        Name = name;
        Startup = startup;
    }

    /// <summary><c>ovf:id</c>, unique in the package.</summary>
    public string Id { get; }

    /// <summary>Its name; the id if it has none.</summary>
    public string Name { get; }

    /// <summary>When it is started, among the entities of the same collection.</summary>
    public OvfStartup Startup { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A VirtualSystemCollection.</summary>
public sealed class OvfGroup : OvfEntity
{
    internal OvfGroup(string id, string name, OvfStartup startup, IReadOnlyList<OvfEntity> children)
        : base(id, name, startup) => Children = children;

    /// <summary>Its machines and collections, in the order of the descriptor.</summary>
    public IReadOnlyList<OvfEntity> Children { get; }

    /// <summary>All machines in it, in the order of the descriptor.</summary>
    public IEnumerable<OvfMachine> Machines => Children.SelectMany(child => child is OvfGroup inner ? inner.Machines : [(OvfMachine)child]);
}

/// <summary>A virtual system of a collection, with a descriptor of its own.</summary>
public sealed class OvfMachine : OvfEntity
{
    private readonly XElement _envelope;

    internal OvfMachine(string id, string name, OvfStartup startup, string startOrder, XElement envelope, OvfDescriptor descriptor)
        : base(id, name, startup)
    {
        _envelope = envelope;
        StartOrder = startOrder;
        Descriptor = descriptor;
    }

    /// <summary>The start order; in a nested collection after that of the collection, for example <c>2.1</c>.</summary>
    public string StartOrder { get; }

    /// <summary>
    /// A descriptor with this virtual system alone: the files, disks, networks and texts that it uses, the deployment options, and the
    /// product sections that it inherits from its collections.
    /// </summary>
    public OvfDescriptor Descriptor { get; }

    internal string ToXml() => new OvfDraft(_envelope).ToXml();
}

/// <summary>An item of a StartupSection (DSP0243 section 9.8).</summary>
public sealed record OvfStartup
{
    /// <summary>Entities are started in ascending order, those with the same number together.</summary>
    public int Order { get; init; }

    /// <summary>Seconds until the entities of the next order are started, 0 to 65535.</summary>
    public int DelaySeconds { get; init; }

    /// <summary>The next order is started as soon as the guest is ready; the delay is then a limit.</summary>
    public bool WaitsForGuest { get; init; }

    /// <summary>False for the start action <c>none</c>, its own or that of its collection.</summary>
    public bool PowersOn { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => !PowersOn ? "not started"
        : FormattableString.Invariant($"order {Order}, {(WaitsForGuest ? "waits for the guest, at most " : "")}{DelaySeconds} s");
}

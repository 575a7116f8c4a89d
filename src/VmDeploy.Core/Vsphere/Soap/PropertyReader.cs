namespace VmDeploy.Vsphere;

/// <summary>An object and those of the requested properties that are set.</summary>
internal sealed class ObjectContent
{
    private readonly Dictionary<string, XElement> _properties = [];

    public ObjectContent(XElement xml)
    {
        Object = xml.Required("obj").ToMoRef();
        foreach (var property in xml.Children("propSet"))
            _properties[property.Required("name").Value] = property.Required("val");
    }

    public MoRef Object { get; }

    public XElement? this[string path] => _properties.TryGetValue(path, out var value) ? value : null;

    public string? Text(string path) => this[path]?.Value;

    public MoRef? Reference(string path) => this[path]?.ToMoRef();

    public IEnumerable<MoRef> References(string path) => this[path]?.Elements().Select(e => e.ToMoRef()) ?? [];
}

internal sealed record PropertySet(string Type, params string[] Paths)
{
    /// <summary>The types of the elements in the properties that are not needed; they are skipped, which takes less time and memory than reading them.</summary>
    public IReadOnlyCollection<string> Unneeded { get; init; } = [];

    /// <summary>Drops other unneeded parts of an object that was just read, so that a page of many objects takes little memory.</summary>
    public Action<ObjectContent>? Reduce { get; init; }

    public XElement ToXml() => VimXml.El("propSet", VimXml.El("type", Type), Paths.Select(p => VimXml.El("pathSet", p)));
}

/// <summary>Reads through the property collector: a constant number of requests, however many objects.</summary>
internal sealed class PropertyReader(SoapClient soap, ServiceContent content)
{
    // Large enough that most inventories are one page, small enough to stream the largest with bounded memory.
    private const int PageSize = 1000;

    // Ten times what the largest vCenter manages.
    private const int MaxObjects = 1_000_000;
    private const int MaxAttempts = 3;

    /// <summary>Reads one object; <see cref="VimFault"/> ManagedObjectNotFound if it does not exist any more.</summary>
    public async Task<ObjectContent> ReadAsync(MoRef target, CancellationToken cancellationToken, params string[] paths)
    {
        var found = await ReadListAsync(new PropertySet(target.Type, paths), [target], cancellationToken);
        return found.Count > 0 ? found[0] : throw new VmDeployException(ErrorCodes.ObjectGone, $"{target} does not exist any more.", target.ToString());
    }

    /// <summary>Reads several objects of one type; those that don't exist any more are left out.</summary>
    public Task<IReadOnlyList<ObjectContent>> ReadAsync(
        IReadOnlyCollection<MoRef> targets, CancellationToken cancellationToken, params string[] paths) =>
        ReadAsync(targets, new PropertySet(targets.FirstOrDefault().Type, paths), cancellationToken);

    public async Task<IReadOnlyList<ObjectContent>> ReadAsync(
        IReadOnlyCollection<MoRef> targets, PropertySet set, CancellationToken cancellationToken)
    {
        var left = targets.ToList();
        while (left.Count > 0)
        {
            try
            {
                return await ReadListAsync(set, left, cancellationToken);
            }
            catch (VimFault fault) when (fault.Type == "ManagedObjectNotFound"
                && left.RemoveAll(t => t.Value == fault.Detail?.Value("obj")) > 0)
            {
                // One was removed since it was found; the others are still wanted.
            }
        }
        return [];
    }

    /// <summary>Reads the names and parents of some objects of the inventory and of all above them, in one request.</summary>
    public async Task<IReadOnlyList<ObjectContent>> ReadAncestorsAsync(IReadOnlyList<MoRef> targets, CancellationToken cancellationToken)
    {
        const string step = "up";
        var up = VimXml.Typed("selectSet", "TraversalSpec",
            VimXml.El("name", step), VimXml.El("type", "ManagedEntity"), VimXml.El("path", "parent"), VimXml.El("skip", false),
            VimXml.El("selectSet", VimXml.El("name", step)));
        var result = new Dictionary<MoRef, ObjectContent>();
        await RetrieveAsync([new PropertySet("ManagedEntity", "name", "parent")], targets.Select(t => ObjectSpec(t, skip: false, new XElement(up))).ToList(),
            page =>
            {
                foreach (var content in page)
                    result[content.Object] = content;
                return Task.CompletedTask;
            }, cancellationToken);
        return [.. result.Values];
    }

    /// <summary>Reads everything of some types below the root folder, page by page; each object once.</summary>
    /// <exception cref="VmDeployException"><c>NotAuthenticated</c> if the host ends the session again and again.</exception>
    public async Task ReadAllAsync(
        IReadOnlyList<PropertySet> sets, Func<IReadOnlyList<ObjectContent>, Task> page, CancellationToken cancellationToken)
    {
        var seen = new HashSet<MoRef>();
        for (var attempt = 1; ; attempt++)
        {
            var renewals = soap.Renewals;
            try
            {
                await ReadViewAsync(sets, contents => page(contents.Where(c => seen.Add(c.Object)).ToList()), cancellationToken);
                return;
            }
            catch (VimFault fault) when (soap.Renewals != renewals)
            {
                // The view or the paging token went with the old session.
                if (attempt == MaxAttempts)
                    throw new VmDeployException(ErrorCodes.NotAuthenticated, $"The host ended the session {attempt} times while its inventory was read.", inner: fault);
            }
        }
    }

    /// <summary>As above; selects from each page, so that what is not wanted is not held.</summary>
    public async Task<List<T>> SelectAllAsync<T>(
        IReadOnlyList<PropertySet> sets, Func<IReadOnlyList<ObjectContent>, IEnumerable<T>> select, CancellationToken cancellationToken)
    {
        var found = new List<T>();
        await ReadAllAsync(sets, page => { found.AddRange(select(page)); return Task.CompletedTask; }, cancellationToken);
        return found;
    }

    private async Task ReadViewAsync(
        IReadOnlyList<PropertySet> sets, Func<IReadOnlyList<ObjectContent>, Task> page, CancellationToken cancellationToken)
    {
        var created = await soap.CallAsync(content.ViewManager, "CreateContainerView", cancellationToken,
            [VimXml.Ref("container", content.RootFolder), .. sets.Select(s => VimXml.El("type", s.Type)), VimXml.El("recursive", true)]);
        var view = created.ReturnedRef();
        try
        {
            var traversal = VimXml.Typed("selectSet", "TraversalSpec",
                VimXml.El("type", "ContainerView"), VimXml.El("path", "view"), VimXml.El("skip", false));
            await RetrieveAsync(sets, [ObjectSpec(view, skip: true, traversal)], page, cancellationToken);
        }
        finally
        {
            await soap.CallQuietlyAsync(view, "DestroyView");
        }
    }

    private async Task<IReadOnlyList<ObjectContent>> ReadListAsync(
        PropertySet set, IReadOnlyList<MoRef> targets, CancellationToken cancellationToken)
    {
        var result = new List<ObjectContent>();
        await RetrieveAsync([set], targets.Select(t => ObjectSpec(t)).ToList(),
            page => { result.AddRange(page); return Task.CompletedTask; }, cancellationToken);
        return result;
    }

    private async Task RetrieveAsync(
        IReadOnlyList<PropertySet> sets,
        IReadOnlyList<XElement> targets,
        Func<IReadOnlyList<ObjectContent>, Task> page,
        CancellationToken cancellationToken)
    {
        List<ObjectContent> objects = [];
        HashSet<string> unneeded = [.. sets.SelectMany(s => s.Unneeded)];
        var count = 0;
        var reply = await CallAsync("RetrievePropertiesEx",
            VimXml.El("specSet", sets.Select(s => s.ToXml()), targets), VimXml.El("options", VimXml.El("maxObjects", PageSize)));
        while (reply.Child("returnval") is { } result)
        {
            await page(objects);
            if (result.Value("token") is not { } token)
                return;
            count += objects.Count;
            if (objects.Count == 0 || count > MaxObjects)
                throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host's inventory does not end: after {count} objects and a page with {objects.Count} it announces another page.");
            reply = await CallAsync("ContinueRetrievePropertiesEx", VimXml.El("token", token));
        }

        Task<XElement> CallAsync(string method, params XElement[] arguments) =>
            soap.CallAsync(content.PropertyCollector, method, TimeSpan.Zero, StartReply, cancellationToken, arguments);

        ObjectSink StartReply()
        {
            objects = [];
            return new ObjectSink(xml =>
            {
                var found = new ObjectContent(xml);
                sets.FirstOrDefault(s => s.Type == found.Object.Type)?.Reduce?.Invoke(found);
                objects.Add(found);
            }, unneeded);
        }
    }

    internal static XElement ObjectSpec(MoRef target, bool skip = false, params XElement[] select) =>
        VimXml.El("objectSet", VimXml.Ref("obj", target), VimXml.El("skip", skip), select);
}

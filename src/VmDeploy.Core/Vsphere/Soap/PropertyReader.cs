using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>One object and those of its asked properties that are set.</summary>
internal sealed class ObjectContent
{
    private readonly Dictionary<string, XElement> _properties;

    public ObjectContent(XElement xml)
    {
        Object = xml.Child("obj")!.ToMoRef();
        _properties = xml.Children("propSet").ToDictionary(p => p.Value("name")!, p => p.Child("val")!);
    }

    public MoRef Object { get; }

    public XElement? this[string path] => _properties.TryGetValue(path, out var value) ? value : null;

    public string? Text(string path) => this[path]?.Value;

    public MoRef? Reference(string path) => this[path]?.ToMoRef();

    /// <summary>The members of an array of references.</summary>
    public IEnumerable<MoRef> References(string path) => this[path]?.Elements().Select(e => e.ToMoRef()) ?? [];
}

/// <summary>Which properties of which type to read.</summary>
internal sealed record PropertySet(string Type, params string[] Paths)
{
    /// <summary>As a <c>PropertySpec</c>.</summary>
    public XElement ToXml() => VimXml.El("propSet", VimXml.El("type", Type), Paths.Select(p => VimXml.El("pathSet", p)));
}

/// <summary>Reads through the property collector: a constant number of requests, however many objects.</summary>
internal sealed class PropertyReader
{
    // Large enough that most inventories are one page, small enough to stream the largest with bounded memory.
    private const int PageSize = 1000;

    private readonly SoapClient _soap;
    private readonly ServiceContent _content;

    public PropertyReader(SoapClient soap, ServiceContent content)
    {
        _soap = soap;
        _content = content;
    }

    /// <summary>Reads one object; <see cref="VimFault"/> ManagedObjectNotFound when it is gone.</summary>
    public async Task<ObjectContent> ReadAsync(MoRef target, CancellationToken cancellationToken, params string[] paths)
    {
        ObjectContent? result = null;
        await RetrieveAsync([new PropertySet(target.Type, paths)], [ObjectSpec(target)],
            page => { result = page.Count > 0 ? page[0] : null; return Task.CompletedTask; }, cancellationToken);
        return result ?? throw new VmDeployException(ErrorCodes.ObjectGone, $"{target} is not there any more.", target.ToString());
    }

    /// <summary>Reads several objects of one type; those that are gone are left out.</summary>
    public async Task<IReadOnlyList<ObjectContent>> ReadAsync(
        IReadOnlyCollection<MoRef> targets, CancellationToken cancellationToken, params string[] paths)
    {
        var left = targets.ToList();
        while (left.Count > 0)
        {
            var result = new List<ObjectContent>();
            try
            {
                await RetrieveAsync([new PropertySet(left[0].Type, paths)], left.Select(t => ObjectSpec(t)).ToList(),
                    page => { result.AddRange(page); return Task.CompletedTask; }, cancellationToken);
                return result;
            }
            catch (VimFault fault) when (fault.Type == "ManagedObjectNotFound"
                && left.RemoveAll(t => t.Value == fault.Detail?.Value("obj")) > 0)
            {
                // One was removed since it was found; the others are still wanted.
            }
        }
        return [];
    }

    /// <summary>Reads everything of some types below the root folder, page by page; each object once.</summary>
    public async Task ReadAllAsync(
        IReadOnlyList<PropertySet> sets, Func<IReadOnlyList<ObjectContent>, Task> page, CancellationToken cancellationToken)
    {
        var seen = new HashSet<MoRef>();
        while (true)
        {
            var renewals = _soap.Renewals;
            try
            {
                await ReadViewAsync(sets, contents => page(contents.Where(c => seen.Add(c.Object)).ToList()), cancellationToken);
                return;
            }
            catch (VimFault) when (_soap.Renewals != renewals)
            {
                // The view or the paging token went with the old session.
            }
        }
    }

    private async Task ReadViewAsync(
        IReadOnlyList<PropertySet> sets, Func<IReadOnlyList<ObjectContent>, Task> page, CancellationToken cancellationToken)
    {
        var created = await _soap.CallAsync(_content.ViewManager, "CreateContainerView", cancellationToken,
            [VimXml.Ref("container", _content.RootFolder), .. sets.Select(s => VimXml.El("type", s.Type)), VimXml.El("recursive", true)]);
        var view = created.Child("returnval")!.ToMoRef();
        try
        {
            var traversal = VimXml.Typed("selectSet", "TraversalSpec",
                VimXml.El("type", "ContainerView"), VimXml.El("path", "view"), VimXml.El("skip", false));
            await RetrieveAsync(sets, [ObjectSpec(view, skip: true, traversal)], page, cancellationToken);
        }
        finally
        {
            await _soap.CallQuietlyAsync(view, "DestroyView");
        }
    }

    private async Task RetrieveAsync(
        IReadOnlyList<PropertySet> sets,
        IReadOnlyList<XElement> objects,
        Func<IReadOnlyList<ObjectContent>, Task> page,
        CancellationToken cancellationToken)
    {
        var reply = await _soap.CallAsync(_content.PropertyCollector, "RetrievePropertiesEx", cancellationToken,
            VimXml.El("specSet", sets.Select(s => s.ToXml()), objects),
            VimXml.El("options", VimXml.El("maxObjects", PageSize)));
        while (reply.Child("returnval") is { } result)
        {
            await page(result.Children("objects").Select(o => new ObjectContent(o)).ToList());
            if (result.Value("token") is not { } token)
                return;
            reply = await _soap.CallAsync(_content.PropertyCollector, "ContinueRetrievePropertiesEx", cancellationToken,
                VimXml.El("token", token));
        }
    }

    internal static XElement ObjectSpec(MoRef target, bool skip = false, params XElement[] select) =>
        VimXml.El("objectSet", VimXml.Ref("obj", target), VimXml.El("skip", skip), select);
}

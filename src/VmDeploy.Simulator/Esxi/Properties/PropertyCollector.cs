using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Sessions;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Properties;

/// <summary>Reads properties and reports their changes, for one session.</summary>
internal sealed class PropertyCollector(EsxiHost host, string id, Session session) : ManagedObject(host, id)
{
    // The size of a page if the client names no limit.
    private const int DefaultPage = 1000;

    private readonly List<PropertyFilter> _filters = [];
    private readonly Dictionary<string, Queue<(ManagedObject Target, FilterSpec Spec)>> _cursors = new(StringComparer.Ordinal);
    private TaskCompletionSource _cancelled = new();
    private int _version;
    private (string From, DataObject Set)? _last;

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> Filter => _filters.Select(f => f.Self);

    [VimMethod]
    public object RetrieveProperties(VimCall call) =>
        SelectAll(call.Arguments).Select(found => PropertyReader.Read(found.Target, found.Spec)).ToList();

    [VimMethod]
    public object? RetrievePropertiesEx(VimCall call)
    {
        var limit = call.Arguments.Object("options")!.Int("maxObjects");
        if (limit <= 0)
            throw VimFault.InvalidArgument("maxObjects");
        return NextPage(new(SelectAll(call.Arguments)), Math.Min(limit ?? DefaultPage, DefaultPage));
    }

    [VimMethod]
    public object? ContinueRetrievePropertiesEx(VimCall call)
    {
        var token = call.Arguments.Text("token")!;
        if (!_cursors.Remove(token, out var rest))
            throw VimFault.InvalidArgument("token");
        return NextPage(rest, int.Parse(token.AsSpan(token.IndexOf('/') + 1), System.Globalization.CultureInfo.InvariantCulture));
    }

    [VimMethod]
    public void CancelRetrievePropertiesEx(VimCall call)
    {
        if (!_cursors.Remove(call.Arguments.Text("token")!))
            throw VimFault.InvalidArgument("token");
    }

    [VimMethod]
    public object CreateFilter(VimCall call)
    {
        var spec = new FilterSpec(Esx, session, call.Arguments.Object("spec")!);
        foreach (var target in spec.Select(strict: true))
            spec.PathsOf(target);
        var filter = new PropertyFilter(Esx, session.NewObjectId(), this, spec, call.Arguments.Bool("partialUpdates")!.Value);
        _filters.Add(filter);
        session.Objects.Add(filter.Self.Value, filter);
        Changed();
        return filter.Self;
    }

    [VimMethod]
    public object CreatePropertyCollector(VimCall call)
    {
        var collector = new PropertyCollector(Esx, session.NewObjectId(), session);
        session.Objects.Add(collector.Self.Value, collector);
        return collector.Self;
    }

    [VimMethod]
    public void DestroyPropertyCollector(VimCall call)
    {
        _filters.ToList().ForEach(Remove);
        _cancelled.TrySetResult();
        session.Objects.Remove(Self.Value);
    }

    [VimMethod]
    public void CancelWaitForUpdates(VimCall call)
    {
        _cancelled.TrySetResult();
        _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [VimMethod]
    public object? CheckForUpdates(VimCall call) => TakeUpdates(call.Arguments.Text("version") ?? "", int.MaxValue);

    [VimMethod]
    public async Task<object?> WaitForUpdates(VimCall call) =>
        await WaitAsync(call, null, int.MaxValue);

    [VimMethod]
    public async Task<object?> WaitForUpdatesEx(VimCall call)
    {
        var options = call.Arguments.Object("options");
        var seconds = options?.Int("maxWaitSeconds");
        if (seconds < 0)
            throw VimFault.InvalidArgument("maxWaitSeconds");
        return await WaitAsync(call, seconds, options?.Int("maxObjectUpdates") ?? int.MaxValue);
    }

    /// <summary>Ends a filter.</summary>
    public void Remove(PropertyFilter filter)
    {
        _filters.Remove(filter);
        session.Objects.Remove(filter.Self.Value);
    }

    private IEnumerable<(ManagedObject Target, FilterSpec Spec)> SelectAll(DataObject arguments) =>
        from data in arguments.Objects("specSet")
        let spec = new FilterSpec(Esx, session, data)
        from target in spec.Select(strict: true)
        select (target, spec);

    private DataObject? NextPage(Queue<(ManagedObject Target, FilterSpec Spec)> rest, int size)
    {
        var page = new List<DataObject>();
        while (page.Count < size && rest.TryDequeue(out var found))
        {
            // Objects that were deleted since the first page are left out.
            if (Esx.Find(found.Target.Self, session) is not null)
                page.Add(PropertyReader.Read(found.Target, found.Spec));
        }
        if (page.Count == 0)
            return null;
        var result = new DataObject("RetrieveResult") { ["objects"] = page };
        if (rest.Count > 0)
        {
            var token = $"{Guid.NewGuid():N}/{size}";
            _cursors.Add(token, rest);
            result["token"] = token;
        }
        return result;
    }

    private async Task<DataObject?> WaitAsync(VimCall call, int? seconds, int limit)
    {
        var version = call.Arguments.Text("version") ?? "";
        using var timeout = new CancellationTokenSource(seconds is { } s ? TimeSpan.FromSeconds(s) : Timeout.InfiniteTimeSpan);
        var cancelled = _cancelled.Task;
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, session.Ended, call.Aborted);
        while (true)
        {
            var pulse = Esx.Changes.Pulse;
            lock (Esx.Gate)
            {
                if (TakeUpdates(version, limit) is { } updates)
                    return updates;
            }
            try
            {
                await Task.WhenAny(pulse, cancelled).WaitAsync(any.Token);
            }
            catch (OperationCanceledException)
            {
                if (session.Ended.IsCancellationRequested)
                    throw VimFault.Of("NotAuthenticated", null, ("object", Self), ("privilegeId", "System.View"));
                return null;
            }
            if (cancelled.IsCompleted)
                throw VimFault.Of("RequestCanceled", "The request was canceled.");
        }
    }

    private DataObject? TakeUpdates(string version, int limit)
    {
        if (version.Length == 0)
            _filters.ForEach(f => f.Reset());
        else if (_last is { } last && last.From == version)
            return last.Set; // The reply was lost.
        else if (version != Version())
            throw VimFault.Of("InvalidCollectorVersion", $"The version '{version}' is not valid.");

        var sets = new List<DataObject>();
        var left = limit;
        foreach (var filter in _filters)
        {
            var updates = filter.TakeUpdates(left);
            if (updates.Count > 0)
                sets.Add(new("PropertyFilterUpdate") { ["filter"] = filter.Self, ["objectSet"] = updates });
            left -= updates.Count;
        }
        if (sets.Count == 0)
            return null;
        _version++;
        var set = new DataObject("UpdateSet") { ["version"] = Version(), ["filterSet"] = sets };
        if (left == 0)
            set["truncated"] = true;
        _last = version.Length == 0 ? null : (version, set);
        return set;
    }

    private string Version() => _version.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

namespace VmDeploy.Simulator.Xapi;

/// <summary>The objects and their changes. Used only while <see cref="Gate"/> is held.</summary>
internal sealed class XapiDatabase
{
    private readonly Dictionary<string, XapiObject> _objects = [];
    private readonly List<XapiObject> _deleted = [];
    private TaskCompletionSource _changed = NewSignal();

    public object Gate { get; } = new();

    /// <summary>Counts changes.</summary>
    public long Generation { get; private set; } = 1;

    /// <summary>Completes at the next change.</summary>
    public Task Changed => _changed.Task;

    /// <summary>Fields that depend on the state of other objects.</summary>
    public Func<XapiObject, string, object?> Derive { get; set; } = (_, _) => null;

    public IEnumerable<XapiObject> All(string @class) => _objects.Values.Where(o => o.Class == @class).OrderBy(o => o.Created);

    public IEnumerable<XapiObject> Existing => _objects.Values;

    public IEnumerable<XapiObject> Deleted => _deleted;

    /// <summary>Creates an object; fields that are not given have the datamodel's default.</summary>
    public XapiObject Create(string @class, params (string Field, object Value)[] values)
    {
        var given = values.ToDictionary(v => v.Field, v => v.Value);
        var fields = XapiSchema.Instance.Classes[@class].Fields.Values.ToDictionary(
            f => f.Name, f => given.TryGetValue(f.Name, out var value) ? value : Fresh(f));
        if (fields.TryGetValue("uuid", out var uuid) && uuid is "")
            fields["uuid"] = Guid.NewGuid().ToString();
        var created = new XapiObject(@class, $"OpaqueRef:{Guid.NewGuid()}", fields) { Created = ++Generation, Modified = Generation };
        _objects[created.Ref] = created;
        Signal();
        return created;
    }

    public XapiObject? Find(string reference) => _objects.GetValueOrDefault(reference);

    public XapiObject Get(string @class, string reference) =>
        _objects.TryGetValue(reference, out var found) && found.Class == @class ? found : throw new XapiFailure("HANDLE_INVALID", @class, reference);

    public void Set(XapiObject target, string field, object value)
    {
        target.Fields[field] = value;
        Touch(target);
    }

    public void Add(XapiObject target, string field, string reference) =>
        Set(target, field, (List<object>)[.. (List<object>)target.Fields[field], reference]);

    public void Remove(XapiObject target, string field, string reference) =>
        Set(target, field, ((List<object>)target.Fields[field]).Where(r => !r.Equals(reference)).ToList());

    /// <summary>Reports a change of the object, for fields that are derived.</summary>
    public void Touch(XapiObject target)
    {
        target.Modified = ++Generation;
        Signal();
    }

    public void Destroy(XapiObject target)
    {
        if (!_objects.Remove(target.Ref))
            return;
        target.IsGone = true;
        target.Modified = ++Generation;
        _deleted.Add(target);
        Signal();
    }

    public object Read(XapiObject target, string field) => Derive(target, field) ?? target.Fields[field];

    public Dictionary<string, object> Record(XapiObject target) => target.Fields.Keys.ToDictionary(f => f, f => Read(target, f));

    // Defaults are shared, so containers are copied.
    private static object Fresh(XapiSchema.Field field) => field.Default is null or List<object> or Dictionary<string, object> ? field.Type.Zero : field.Default;

    private void Signal()
    {
        var signal = _changed;
        _changed = NewSignal();
        signal.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

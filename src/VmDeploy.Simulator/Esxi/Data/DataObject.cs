using System.Collections;
using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Data;

/// <summary>
/// A data object of any type of the schema. A value is a primitive, a <see cref="Mor"/>, a <see cref="DataObject"/>,
/// an <see cref="Any"/>, or a list of these if the element can be repeated. Elements that the type
/// does not have can't be set, so nothing outside the schema is ever sent.
/// </summary>
internal sealed class DataObject
{
    private object?[] _values = [];

    public DataObject(string type)
        : this(VimSchema.Type(type))
    {
    }

    public DataObject(VimType type) => Type = type;

    public VimType Type { get; }

    public object? this[string field]
    {
        get => this[IndexOf(field)];
        set => this[IndexOf(field)] = value;
    }

    /// <summary>By position among the type's elements.</summary>
    public object? this[int index]
    {
        get => index < _values.Length ? _values[index] : null;
        set
        {
            if (value is null && index >= _values.Length)
                return;
            if (index >= _values.Length)
                Array.Resize(ref _values, index + 1);
            _values[index] = value is null ? null : Fit(Type.Fields[index], value);
        }
    }

    public bool Is(string type) => Type.Is(type);

    public bool Has(string field) => this[field] is not null;

    public string? Text(string field) => (string?)this[field];

    public int? Int(string field) => (int?)this[field];

    public long? Long(string field) => (long?)this[field];

    public bool? Bool(string field) => (bool?)this[field];

    public Mor? Ref(string field) => (Mor?)this[field];

    public DataObject? Object(string field) => (DataObject?)this[field];

    /// <summary>The items of a repeated element; can be empty.</summary>
    public IReadOnlyList<object> Items(string field) => (IReadOnlyList<object>?)this[field] ?? [];

    /// <inheritdoc cref="Items"/>
    public IEnumerable<DataObject> Objects(string field) => Items(field).Cast<DataObject>();

    /// <summary>A deep copy.</summary>
    public DataObject Clone() => new(Type) { _values = Array.ConvertAll(_values, Copy) };

    /// <summary>Copies every element of the other that this type has.</summary>
    public DataObject Merge(DataObject? other)
    {
        for (var i = 0; i < (other?._values.Length ?? 0); i++)
        {
            var index = Type.IndexOf(other!.Type.Fields[i].Name);
            if (index >= 0 && other._values[i] is { } value)
                this[index] = Copy(value);
        }
        return this;
    }

    public override string ToString() => Type.Name;

    private static object? Copy(object? value) => value switch
    {
        DataObject data => data.Clone(),
        List<object> list => list.ConvertAll(item => Copy(item)!),
        _ => value,
    };

    private static object Fit(VimField field, object value)
    {
        if (!field.IsArray)
            return FitOne(field, value);
        if (value is string or not IEnumerable)
            throw new InvalidOperationException($"{field.Name} takes a list.");
        return ((IEnumerable)value).Cast<object>().Select(item => FitOne(field, item)).ToList();
    }

    private static object FitOne(VimField field, object value) => (field.Type, value) switch
    {
        ("long", int number) => (long)number,
        ("int", long number) => checked((int)number),
        ("short", int number) => checked((short)number),
        ("anyType", _) => value,
        ("ManagedObjectReference", Mor) => value,
        (_, string) when VimSchema.FindEnum(field.Type) is { } values => values.Contains((string)value)
            ? value
            : throw new InvalidOperationException($"{field.Type} has no value {value}."),
        (_, DataObject data) => data.Is(field.Type)
            ? data
            : throw new InvalidOperationException($"{field.Name} takes {field.Type}, not {data.Type}."),
        _ => Primitive.IsPrimitive(field.Type) && (Primitive.NameOf(value) == field.Type || (field.Type == "anyURI" && value is string))
            ? value
            : throw new InvalidOperationException($"{field.Name} takes {field.Type}, not {value.GetType().Name}."),
    };

    private int IndexOf(string field)
    {
        var index = Type.IndexOf(field);
        return index >= 0 ? index : throw new InvalidOperationException($"{Type} has no element {field}.");
    }
}

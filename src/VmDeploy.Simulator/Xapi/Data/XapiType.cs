using System.Globalization;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// A type of the datamodel. Values in the database are string, long, double, bool, DateTime, List and Dictionary;
/// on the wire an integer is a string.
/// </summary>
internal abstract record XapiType
{
    public const string NullRef = "OpaqueRef:NULL";

    /// <summary>The default of a field.</summary>
    public abstract object Zero { get; }

    /// <summary>Converts a value from the wire, or fails with FIELD_TYPE_ERROR.</summary>
    public abstract object FromWire(object wire, string field, XapiSchema schema);

    public static XapiType Parse(string text)
    {
        text = text.Trim();
        if (text.EndsWith(" set", StringComparison.Ordinal))
            return new Set(Parse(text[..^4]));
        if (text.EndsWith(" option", StringComparison.Ordinal))
            return Parse(text[..^7]);
        if (text.EndsWith(" ref", StringComparison.Ordinal))
            return new Ref(text[..^4]);
        if (text.EndsWith(" record", StringComparison.Ordinal))
            return new Record(text[..^7]);
        if (text.StartsWith("enum ", StringComparison.Ordinal))
            return new Enumeration(text[5..]);
        if (text.EndsWith(") map", StringComparison.Ordinal))
        {
            var arrow = text.IndexOf("->", StringComparison.Ordinal);
            return new Map(Parse(text[1..arrow]), Parse(text[(arrow + 2)..^5]));
        }
        return new Scalar(text);
    }

    protected static XapiFailure Wrong(string field) => new("FIELD_TYPE_ERROR", field);

    public sealed record Scalar(string Name) : XapiType
    {
        public override object Zero => Name switch
        {
            "int" => 0L,
            "float" => 0.0,
            "bool" => false,
            "datetime" => DateTime.UnixEpoch,
            _ => "",
        };

        public override object FromWire(object wire, string field, XapiSchema schema) => (Name, wire) switch
        {
            ("string", string) or ("bool", bool) or ("float", double) or ("datetime", DateTime) => wire,
            // JSON has numbers; its times are strings.
            ("int", long) => wire,
            ("float", long whole) => (double)whole,
            ("int", string text) when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Wrong(field),
        };
    }

    public sealed record Ref(string Class) : XapiType
    {
        public override object Zero => NullRef;

        public override object FromWire(object wire, string field, XapiSchema schema) => wire as string ?? throw Wrong(field);
    }

    public sealed record Enumeration(string Name) : XapiType
    {
        public override object Zero => "";

        public override object FromWire(object wire, string field, XapiSchema schema) =>
            wire is string text && schema.Enums[Name].Contains(text) ? text : throw Wrong(field);
    }

    public sealed record Set(XapiType Element) : XapiType
    {
        public override object Zero => new List<object>();

        public override object FromWire(object wire, string field, XapiSchema schema) =>
            wire is List<object> items ? items.Select(item => Element.FromWire(item, field, schema)).ToList() : throw Wrong(field);
    }

    public sealed record Map(XapiType Key, XapiType Value) : XapiType
    {
        public override object Zero => new Dictionary<string, object>();

        public override object FromWire(object wire, string field, XapiSchema schema) => wire is Dictionary<string, object> map
            ? map.ToDictionary(entry => (string)Key.FromWire(entry.Key, field, schema), entry => Value.FromWire(entry.Value, field, schema))
            : throw Wrong(field);
    }

    /// <summary>A record as the argument of a constructor: only constructor fields count, and those without a default are required.</summary>
    public sealed record Record(string Class) : XapiType
    {
        public override object Zero => new Dictionary<string, object>();

        public override object FromWire(object wire, string field, XapiSchema schema)
        {
            if (wire is not Dictionary<string, object> given)
                throw Wrong(field);
            var fields = schema.Classes[Class].Fields.Values.Where(f => f.IsConstructor);
            var missing = fields.FirstOrDefault(f => f.Default is null && !given.ContainsKey(f.Name));
            if (missing is not null)
                throw new XapiFailure("INTERNAL_ERROR", $"Server_helpers.Dispatcher_FieldNotFound(\"{missing.Name}\")");
            return fields.ToDictionary(f => f.Name, f => given.TryGetValue(f.Name, out var value) ? f.Type.FromWire(value, f.Name, schema) : f.Default!);
        }
    }
}

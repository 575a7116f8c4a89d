namespace VmDeploy.Simulator.Xapi;

/// <summary>An object of the database. Read and changed only while the database is locked.</summary>
internal sealed class XapiObject(string @class, string reference, Dictionary<string, object> fields)
{
    public string Class { get; } = @class;

    public string Ref { get; } = reference;

    public Dictionary<string, object> Fields { get; } = fields;

    /// <summary>The generation in which it was created and last changed.</summary>
    public long Created { get; set; }

    public long Modified { get; set; }

    public bool IsGone { get; set; }

    public string Uuid => Text("uuid");

    public string Name => Text("name_label");

    public string Text(string field) => (string)Fields[field];

    public long Number(string field) => (long)Fields[field];

    public bool Flag(string field) => (bool)Fields[field];

    public Dictionary<string, object> Map(string field) => (Dictionary<string, object>)Fields[field];

    public IReadOnlyList<string> Refs(string field) => [.. ((List<object>)Fields[field]).Cast<string>()];

    public override string ToString() => $"{Class} {(Fields.TryGetValue("name_label", out var name) ? name : Uuid)}";
}

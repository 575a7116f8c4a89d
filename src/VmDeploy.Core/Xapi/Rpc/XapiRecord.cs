namespace VmDeploy.Xapi;

/// <summary>A record that xapi sent, with its reference. Fields that the host does not send (older versions) are empty.</summary>
internal sealed class XapiRecord(string reference, object fields)
{
    public const string NullRef = "OpaqueRef:NULL";

    public string Ref { get; } = reference;

    public Dictionary<string, object> Fields { get; } = fields as Dictionary<string, object>
            ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, "The host sent something else where a record belongs.");

    public string Uuid => Text("uuid");
    public string Name => Text("name_label");

    public string Text(string field) => Fields.TryGetValue(field, out var value) ? value as string ?? "" : "";

    public bool Flag(string field) => Fields.TryGetValue(field, out var value) && value is true;

    public long Number(string field) =>
        long.TryParse(Text(field), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    public double Fraction(string field) => Fields.TryGetValue(field, out var value) && value is double number ? number : 0;

    public string? Reference(string field) => Text(field) is { Length: > 0 } reference && reference != NullRef ? reference : null;

    public IReadOnlyList<string> List(string field) => Fields.TryGetValue(field, out var value) && value is List<object> items ? items.OfType<string>().ToList() : [];

    public IReadOnlyDictionary<string, string> Map(string field) => Fields.TryGetValue(field, out var value) && value is Dictionary<string, object> map
        ? map.Where(e => e.Value is string).ToDictionary(e => e.Key, e => (string)e.Value)
        : new Dictionary<string, string>();

    public DateTime Time(string field) => Fields.TryGetValue(field, out var value) && value is DateTime time ? time : DateTime.MinValue;

    public override string ToString() => Name;
}

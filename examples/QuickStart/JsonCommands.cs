using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VmDeploy.QuickStart;

/// <summary>JSON as PowerShell's own ConvertFrom-Json reads it: custom objects, arrays, 64-bit numbers.</summary>
[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJsonCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string InputObject { get; set; } = "";

    protected override void ProcessRecord()
    {
        using var document = JsonDocument.Parse(InputObject);
        WriteObject(Convert(document.RootElement), enumerateCollection: true);
    }

    private static object? Convert(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => ConvertObject(element),
        JsonValueKind.Array => element.EnumerateArray().Select(Convert).ToArray(),
        JsonValueKind.Number => element.TryGetInt64(out var whole) ? whole : element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => element.GetString(),
        _ => null,
    };

    private static PSObject ConvertObject(JsonElement element)
    {
        var result = new PSObject();
        foreach (var property in element.EnumerateObject())
            result.Properties.Add(new PSNoteProperty(property.Name, Convert(property.Value)));
        return result;
    }
}

/// <summary>Objects as JSON, as PowerShell's own ConvertTo-Json writes them.</summary>
[Cmdlet(VerbsData.ConvertTo, "Json")]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public object? InputObject { get; set; }

    [Parameter]
    public int Depth { get; set; }

    protected override void ProcessRecord() => WriteObject(Convert(InputObject)?.ToJsonString() ?? "null");

    private static JsonNode? Convert(object? value) => (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value) switch
    {
        null => null,
        IDictionary map => new JsonObject(map.Cast<DictionaryEntry>().Select(entry => new KeyValuePair<string, JsonNode?>($"{entry.Key}", Convert(entry.Value)))),
        PSObject custom => new JsonObject(custom.Properties.Select(property => new KeyValuePair<string, JsonNode?>(property.Name, Convert(property.Value)))),
        string text => JsonValue.Create(text),
        IEnumerable list => new JsonArray([.. list.Cast<object?>().Select(Convert)]),
        var scalar => JsonSerializer.SerializeToNode(scalar, scalar.GetType()),
    };
}

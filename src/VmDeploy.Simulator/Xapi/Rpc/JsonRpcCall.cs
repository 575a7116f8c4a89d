using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace VmDeploy.Simulator.Xapi;

/// <summary>A call at <c>/jsonrpc</c>, version 1.0 or 2.0: integers are numbers, times are strings, and every call has an id.</summary>
internal sealed class JsonRpcCall : IRpcCall
{
    private readonly JsonNode _id;
    private readonly bool _isVersion2;

    /// <exception cref="FormatException">It is not a call; a real host answers HTTP 500.</exception>
    public JsonRpcCall(byte[] body)
    {
        try
        {
            var call = JsonNode.Parse(body) as JsonObject ?? throw new FormatException("not an object");
            _isVersion2 = call["jsonrpc"]?.GetValue<string>() == "2.0";
            Method = call["method"]!.GetValue<string>();
            _id = call["id"]!.DeepClone();
            if (call["params"] is not JsonArray values || _id.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number))
                throw new FormatException("Jsonrpc.Malformed_method_request");
            Arguments = values.Select(Read).ToList();
        }
        catch (Exception e) when (e is JsonException or NullReferenceException or InvalidOperationException)
        {
            throw new FormatException($"Jsonrpc.Malformed_method_request: {e.Message}", e);
        }
    }

    public string Method { get; }

    public IReadOnlyList<object> Arguments { get; }

    public string ContentType => "application/json";

    public byte[] Succeed(object value) => Write(_isVersion2
        ? new JsonObject { ["jsonrpc"] = "2.0", ["result"] = ToJson(value), ["id"] = _id }
        : new JsonObject { ["result"] = ToJson(value), ["error"] = null, ["id"] = _id });

    public byte[] Fail(IReadOnlyList<string> description) => Write(_isVersion2
        ? new JsonObject
        {
            ["jsonrpc"] = "2.0",
            ["error"] = new JsonObject { ["code"] = 1, ["message"] = description[0], ["data"] = ToJson(description.Skip(1).ToList()) },
            ["id"] = _id,
        }
        : new JsonObject { ["result"] = null, ["error"] = ToJson(description), ["id"] = _id });

    private static byte[] Write(JsonObject reply) => JsonSerializer.SerializeToUtf8Bytes(reply);

    private static object Read(JsonNode? value) => value switch
    {
        JsonObject members => members.ToDictionary(m => m.Key, m => Read(m.Value)),
        JsonArray items => items.Select(Read).ToList(),
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.String => scalar.GetValue<string>(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            // Boxed one by one; otherwise an integer would become a double.
            _ => long.TryParse(scalar.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? (object)whole : scalar.GetValue<double>(),
        },
        _ => throw new FormatException("null is not a value of xapi"),
    };

    private static JsonNode? ToJson(object value) => value switch
    {
        string text => text,
        long number => number,
        int number => number,
        bool flag => flag,
        double number => number,
        DateTime time => time.ToString("yyyyMMdd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        IEnumerable<KeyValuePair<string, object>> members => new JsonObject(members.Select(m => KeyValuePair.Create(m.Key, ToJson(m.Value)))),
        IEnumerable items => new JsonArray([.. items.Cast<object>().Select(ToJson)]),
        _ => throw new InvalidOperationException($"{value.GetType()} can't go on the wire."),
    };
}

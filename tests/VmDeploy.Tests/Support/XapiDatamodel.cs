using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VmDeploy.Tests.Support;

/// <summary>Checks calls against XenAPI's official datamodel: name, number and types of the arguments, fields of constructors.</summary>
internal static class XapiDatamodel
{
    private static readonly Lazy<Model?> s_model = new(() => SharedFolder.Find("xapi", "xenapi.json") is { } path ? new Model(path) : null);

    public static bool IsAvailable => s_model.Value is not null;

    /// <summary>The error in a call, as text.</summary>
    public static IReadOnlyList<string> Validate(byte[] body)
    {
        var call = XElement.Load(new MemoryStream(body));
        return Validate(call.Element("methodName")!.Value, [.. call.Element("params")!.Elements("param").Select(p => p.Element("value")!)]);
    }

    private static List<string> Validate(string method, IReadOnlyList<XElement> arguments)
    {
        var model = s_model.Value!;
        var plain = method.StartsWith("Async.", StringComparison.Ordinal) ? method[6..] : method;
        if (!model.Methods.TryGetValue(plain, out var definition))
            return [$"there is no method {plain}"];
        var problems = new List<string>();
        var least = definition.Count(p => p.IsRequired);
        if (arguments.Count < least || arguments.Count > definition.Length)
            problems.Add($"{plain} takes {least} to {definition.Length} arguments, not {arguments.Count}");
        foreach (var (argument, parameter) in arguments.Zip(definition))
            Check(model, argument, parameter.Type, $"{plain} {parameter.Name}", problems);
        return problems;
    }

    private static void Check(Model model, XElement value, string type, string place, List<string> problems)
    {
        var typed = value.Elements().FirstOrDefault();
        var kind = typed?.Name.LocalName ?? "string";
        var text = typed?.Value ?? value.Value;
        void Expect(bool holds)
        {
            if (!holds)
                problems.Add($"{place}: <{kind}> '{(text.Length > 60 ? text[..60] : text)}' is no {type}");
        }

        if (type.EndsWith(" set", StringComparison.Ordinal))
        {
            Expect(kind == "array");
            foreach (var item in typed?.Element("data")?.Elements("value") ?? [])
                Check(model, item, type[..^4], place, problems);
        }
        else if (type.EndsWith(") map", StringComparison.Ordinal))
        {
            Expect(kind == "struct");
            var arrow = type.IndexOf(" -> ", StringComparison.Ordinal);
            foreach (var (key, member) in Members(typed))
                Check(model, member, type[(arrow + 4)..^5], $"{place}[{key}]", problems);
        }
        else if (type.EndsWith(" record", StringComparison.Ordinal))
        {
            Expect(kind == "struct");
            CheckRecord(model, Members(typed), type[..^7], place, problems);
        }
        else if (type.EndsWith(" ref", StringComparison.Ordinal))
        {
            Expect(kind == "string" && text.StartsWith("OpaqueRef:", StringComparison.Ordinal));
        }
        else if (type.StartsWith("enum ", StringComparison.Ordinal))
        {
            Expect(kind == "string" && model.Enums[type[5..]].Contains(text));
        }
        else
        {
            Expect(type switch
            {
                "string" => kind == "string",
                "int" => kind == "string" && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
                "bool" => kind == "boolean",
                "float" => kind == "double",
                "datetime" => kind == "dateTime.iso8601" && Regex.IsMatch(text, @"^\d{8}T\d\d:\d\d:\d\dZ$"),
                _ => throw new InvalidOperationException($"{place}: the check does not know the type {type}"),
            });
        }
    }

    private static void CheckRecord(Model model, Dictionary<string, XElement> members, string @class, string place, List<string> problems)
    {
        var fields = model.Fields[@class];
        problems.AddRange(fields.Values.Where(f => f.IsRequired && !members.ContainsKey(f.Name)).Select(f => $"{place}: the field {f.Name} is missing"));
        foreach (var (name, value) in members)
        {
            if (!fields.TryGetValue(name, out var field))
                problems.Add($"{place}: {@class} has no field {name}");
            else if (field.IsConstructor)
                Check(model, value, field.Type, $"{place}.{name}", problems);
        }
    }

    private static Dictionary<string, XElement> Members(XElement? element) =>
        element?.Elements("member").ToDictionary(m => m.Element("name")!.Value, m => m.Element("value")!) ?? [];

    private sealed record Parameter(string Name, string Type, bool IsRequired);

    private sealed record Field(string Name, string Type, bool IsConstructor, bool IsRequired);

    private sealed class Model
    {
        public Model(string path)
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            foreach (var type in json.RootElement.EnumerateArray())
            {
                var name = Text(type, "name");
                Fields[name] = type.GetProperty("fields").EnumerateArray().Select(f =>
                {
                    var isConstructor = Text(f, "qualifier") is "RW" or "RO/constructor";
                    return new Field(Text(f, "name"), Text(f, "type"), isConstructor, isConstructor && !f.TryGetProperty("default", out _));
                }).ToDictionary(f => f.Name);
                foreach (var message in type.GetProperty("messages").EnumerateArray())
                {
                    Methods[$"{name}.{Text(message, "name")}"] = [.. message.GetProperty("params").EnumerateArray()
                        .Select(p => new Parameter(Text(p, "name"), Text(p, "type"), p.GetProperty("required").GetBoolean()))];
                }
                foreach (var enumeration in type.GetProperty("enums").EnumerateArray())
                    Enums[Text(enumeration, "name")] = [.. enumeration.GetProperty("values").EnumerateArray().Select(v => Text(v, "name"))];
            }
        }

        public Dictionary<string, Parameter[]> Methods { get; } = [];

        public Dictionary<string, Dictionary<string, Field>> Fields { get; } = [];

        public Dictionary<string, HashSet<string>> Enums { get; } = [];

        private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;
    }
}

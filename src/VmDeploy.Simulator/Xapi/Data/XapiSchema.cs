using System.Globalization;

namespace VmDeploy.Simulator.Xapi;

/// <summary>The part of the official datamodel that the simulator implements; see make-table.py.</summary>
internal sealed class XapiSchema
{
    private XapiSchema()
    {
    }

    public static XapiSchema Instance { get; } = Load();

    public Dictionary<string, Class> Classes { get; } = [];

    public Dictionary<string, HashSet<string>> Enums { get; } = [];

    private static XapiSchema Load()
    {
        var schema = new XapiSchema();
        using var table = new StreamReader(typeof(XapiSchema).Assembly.GetManifestResourceStream("xenapi-table.txt")!);
        Class? current = null;
        while (table.ReadLine() is { } line)
        {
            var words = line.Split('\t');
            switch (words[0])
            {
                case "enum":
                    schema.Enums[words[1]] = [.. words[2..]];
                    break;
                case "class":
                    schema.Classes[words[1]] = current = new Class(words[1]);
                    break;
                case "field":
                    var type = XapiType.Parse(words[2]);
                    current!.Fields[words[1]] = new Field(words[1], type, words[3] != "RO/runtime", words.Length > 4 ? DefaultOf(type, words[4]) : null);
                    break;
                case "call":
                    current!.Calls[words[1]] = new Method(words[1], words[2], [.. words[3..].Select(ParseParameter)]);
                    break;
            }
        }
        return schema;
    }

    private static Parameter ParseParameter(string text)
    {
        var space = text.LastIndexOf(' ');
        var type = text[..space];
        return new Parameter(text[(space + 1)..], XapiType.Parse(type.TrimEnd('?')), !type.EndsWith('?'));
    }

    private static object DefaultOf(XapiType type, string text) => (type, text.Trim('\'', '"')) switch
    {
        (XapiType.Scalar { Name: "int" }, var number) => long.Parse(number, CultureInfo.InvariantCulture),
        (XapiType.Scalar { Name: "float" }, var number) => double.Parse(number, CultureInfo.InvariantCulture),
        (XapiType.Scalar { Name: "bool" }, var value) => value == "true",
        (XapiType.Scalar { Name: "datetime" } or XapiType.Ref or XapiType.Set or XapiType.Map, _) => type.Zero,
        (_, var value) => value,
    };

    public sealed record Class(string Name)
    {
        public Dictionary<string, Field> Fields { get; } = [];

        public Dictionary<string, Method> Calls { get; } = [];
    }

    public sealed record Field(string Name, XapiType Type, bool IsConstructor, object? Default);

    public sealed record Method(string Name, string Result, IReadOnlyList<Parameter> Parameters);

    public sealed record Parameter(string Name, XapiType Type, bool IsRequired);
}

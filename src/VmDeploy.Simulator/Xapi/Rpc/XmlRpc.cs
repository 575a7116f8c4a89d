using System.Collections;
using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace VmDeploy.Simulator.Xapi;

/// <summary>XML-RPC as xapi speaks it: integers and references are strings, strings have no element.</summary>
internal static class XmlRpc
{
    /// <exception cref="FormatException">It is not a method call, or contains characters that XML does not allow.</exception>
    public static (string Method, List<object> Arguments) ReadCall(byte[] body)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(body), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            var call = XElement.Load(reader, LoadOptions.PreserveWhitespace);
            if (call.Name != "methodCall")
                throw new FormatException($"<{call.Name}> is not a method call");
            var values = call.Element("params")?.Elements("param").Select(p => Read(p.Element("value")!)).ToList();
            return (call.Element("methodName")!.Value.Trim(), values ?? []);
        }
        catch (Exception e) when (e is XmlException or NullReferenceException)
        {
            throw new FormatException(e.Message, e);
        }
    }

    public static byte[] WriteSuccess(object value) => WriteResponse(w => WriteStruct(w, [new("Status", "Success"), new("Value", value)]));

    public static byte[] WriteFailure(IReadOnlyList<string> description) =>
        WriteResponse(w => WriteStruct(w, [new("Status", "Failure"), new("ErrorDescription", description)]));

    public static byte[] WriteFault(string message) => Write(w =>
    {
        w.WriteStartElement("fault");
        WriteValue(w, new Dictionary<string, object> { ["faultCode"] = -1, ["faultString"] = message });
        w.WriteEndElement();
    });

    /// <summary>A value without a response around it, as in the result of a task.</summary>
    public static string WriteResult(object value)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, new XmlWriterSettings { OmitXmlDeclaration = true, ConformanceLevel = ConformanceLevel.Fragment, NewLineHandling = NewLineHandling.Entitize }))
            WriteValue(writer, value);
        return text.ToString();
    }

    private static object Read(XElement value)
    {
        if (value.Elements().FirstOrDefault() is not { } typed)
            return value.Value;
        return typed.Name.LocalName switch
        {
            "string" => typed.Value,
            "boolean" => typed.Value.Trim() == "1",
            "double" => double.Parse(typed.Value, CultureInfo.InvariantCulture),
            "int" or "i4" => int.Parse(typed.Value, CultureInfo.InvariantCulture),
            "dateTime.iso8601" => DateTime.ParseExact(typed.Value.Trim(), ["yyyyMMdd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HH:mm:ss"], CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
            "array" => typed.Element("data")!.Elements("value").Select(Read).ToList(),
            "struct" => typed.Elements("member").ToDictionary(m => m.Element("name")!.Value, m => Read(m.Element("value")!)),
            var other => throw new FormatException($"<{other}> is not a type of xapi"),
        };
    }

    private static byte[] WriteResponse(Action<XmlWriter> value) => Write(w =>
    {
        w.WriteStartElement("params");
        w.WriteStartElement("param");
        w.WriteStartElement("value");
        value(w);
        w.WriteEndElement();
        w.WriteEndElement();
        w.WriteEndElement();
    });

    private static byte[] Write(Action<XmlWriter> content)
    {
        var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false, NewLineHandling = NewLineHandling.Entitize }))
        {
            writer.WriteStartElement("methodResponse");
            content(writer);
            writer.WriteEndElement();
        }
        return bytes.ToArray();
    }

    private static void WriteValue(XmlWriter writer, object value)
    {
        writer.WriteStartElement("value");
        switch (value)
        {
            case string text:
                writer.WriteString(text);
                break;
            case long number:
                writer.WriteString(number.ToString(CultureInfo.InvariantCulture));
                break;
            case int number:
                writer.WriteElementString("i4", number.ToString(CultureInfo.InvariantCulture));
                break;
            case bool flag:
                writer.WriteElementString("boolean", flag ? "1" : "0");
                break;
            case double number:
                writer.WriteElementString("double", number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                writer.WriteElementString("dateTime.iso8601", time.ToString("yyyyMMdd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                break;
            case IEnumerable<KeyValuePair<string, object>> members:
                WriteStruct(writer, members);
                break;
            case IEnumerable items:
                writer.WriteStartElement("array");
                writer.WriteStartElement("data");
                foreach (var item in items)
                    WriteValue(writer, item);
                writer.WriteEndElement();
                writer.WriteEndElement();
                break;
            default:
                throw new InvalidOperationException($"{value.GetType()} can't go on the wire.");
        }
        writer.WriteEndElement();
    }

    private static void WriteStruct(XmlWriter writer, IEnumerable<KeyValuePair<string, object>> members)
    {
        writer.WriteStartElement("struct");
        foreach (var (name, value) in members)
        {
            writer.WriteStartElement("member");
            writer.WriteElementString("name", name);
            WriteValue(writer, value);
            writer.WriteEndElement();
        }
        writer.WriteEndElement();
    }
}

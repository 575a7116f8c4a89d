using System.Collections;
using System.Text;
using System.Xml;
using VmDeploy.Transfer;

namespace VmDeploy.Xapi;

/// <summary>
/// XML-RPC as xapi speaks it. Values are string (also for integers, references and enumerations), bool, double, DateTime,
/// List and Dictionary.
/// </summary>
internal static class XmlRpc
{
    // The host closes the connection on more.
    private const int MaxRequest = 300 * 1024;

    /// <summary>Writes a call.</summary>
    /// <exception cref="VmDeployException"><c>RequestTooLarge</c>, or <c>ValueRefused</c> for text that XML can't carry.</exception>
    public static byte[] WriteCall(string method, IEnumerable<object> arguments)
    {
        using var body = new MemoryStream();
        using (var writer = XmlWriter.Create(body, new XmlWriterSettings { Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize }))
        {
            writer.WriteStartElement("methodCall");
            writer.WriteElementString("methodName", method);
            writer.WriteStartElement("params");
            foreach (var argument in arguments)
            {
                writer.WriteStartElement("param");
                WriteValue(writer, argument, method);
                writer.WriteEndElement();
            }
        }
        if (body.Length > MaxRequest)
            throw new VmDeployException(ErrorCodes.RequestTooLarge, $"{method} would take {body.Length} bytes.", method);
        return body.ToArray();
    }

    /// <summary>Reads a response down to the value in it.</summary>
    /// <exception cref="XmlException">It is not a response, or exceeds a limit of <see cref="ReplyXml"/>.</exception>
    public static object ReadResponse(Stream body, CancellationToken cancellationToken)
    {
        var xml = ReplyXml.Open(body, cancellationToken);
        using var reader = xml.Reader;
        reader.MoveToContent();
        if (!reader.IsStartElement("methodResponse"))
            throw new XmlException($"<{reader.Name}> is not a methodResponse");
        return reader.ReadToDescendant("value") ? ReadValue(xml) : throw new XmlException("a methodResponse without a value");
    }

    /// <summary>Reads a value without a response around it, as in the result of a task.</summary>
    /// <exception cref="XmlException">It is not a value, or exceeds a limit of <see cref="ReplyXml"/>.</exception>
    public static object ReadFragment(string text)
    {
        var xml = ReplyXml.Open(text);
        using var reader = xml.Reader;
        reader.MoveToContent();
        return reader.IsStartElement("value") ? ReadValue(xml) : throw new XmlException("not a value");
    }

    private static void WriteValue(XmlWriter writer, object value, string field)
    {
        writer.WriteStartElement("value");
        switch (value)
        {
            case string text:
                writer.WriteElementString("string", OutgoingText.Checked(text, field));
                break;
            case int or long:
                writer.WriteElementString("string", Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
            case bool flag:
                writer.WriteElementString("boolean", flag ? "1" : "0");
                break;
            case double number:
                writer.WriteElementString("double", number.ToString("R", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                writer.WriteElementString("dateTime.iso8601", time.ToUniversalTime().ToString("yyyyMMdd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                break;
            case IDictionary members:
                writer.WriteStartElement("struct");
                foreach (DictionaryEntry member in members)
                {
                    writer.WriteStartElement("member");
                    writer.WriteElementString("name", OutgoingText.Checked((string)member.Key, field));
                    WriteValue(writer, member.Value!, (string)member.Key);
                    writer.WriteEndElement();
                }
                writer.WriteEndElement();
                break;
            case IEnumerable items:
                writer.WriteStartElement("array");
                writer.WriteStartElement("data");
                foreach (var item in items)
                    WriteValue(writer, item!, field);
                writer.WriteEndElement();
                writer.WriteEndElement();
                break;
            default:
                throw new ArgumentException($"{value.GetType()} can't be sent.", nameof(value));
        }
        writer.WriteEndElement();
    }

    // The reader is at <value>, and afterwards behind it.
    private static object ReadValue(ReplyXml xml)
    {
        xml.Enter();
        var reader = xml.Reader;
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return "";
        }
        reader.Read();
        // A string needs no element; white space before another element is ignored.
        var text = "";
        StringBuilder? more = null;
        while (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
        {
            if (text.Length == 0)
                text = reader.Value;
            else
                (more ??= new StringBuilder(text)).Append(reader.Value);
            reader.Read();
        }
        object value = more?.ToString() ?? text;
        if (reader.NodeType == XmlNodeType.Element)
        {
            value = ReadTyped(xml);
            reader.MoveToContent();
        }
        reader.ReadEndElement();
        return value;
    }

    private static object ReadTyped(ReplyXml xml)
    {
        var type = xml.Reader.Name;
        switch (type)
        {
            case "array":
                return ReadArray(xml);
            case "struct":
                return ReadStruct(xml);
        }
        var text = xml.Reader.ReadElementContentAsString();
        try
        {
            return type switch
            {
                "string" or "int" or "i4" or "i8" => text,
                "boolean" => text.Trim() == "1",
                // XenServer writes inf and nan as OCaml does.
                "double" => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : 0.0,
                "dateTime.iso8601" => DateTime.ParseExact(text.Trim(), s_times, CultureInfo.InvariantCulture,
                    DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal),
                "nil" => "",
                _ => throw new XmlException($"<{type}> is not a type of XML-RPC"),
            };
        }
        catch (FormatException e)
        {
            throw new XmlException($"'{text}' is not a valid {type}", e);
        }
    }

    private static readonly string[] s_times =
        ["yyyyMMdd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HH:mm:ss.FFFFFFF'Z'"];

    private static List<object> ReadArray(ReplyXml xml)
    {
        var items = new List<object>();
        ReadChildren(xml.Reader, "data", () => ReadChildren(xml.Reader, "value", () => items.Add(ReadValue(xml))));
        return items;
    }

    private static Dictionary<string, object> ReadStruct(ReplyXml xml)
    {
        var reader = xml.Reader;
        var members = new Dictionary<string, object>();
        ReadChildren(reader, "member", () =>
        {
            reader.ReadStartElement("member");
            reader.MoveToContent();
            var name = reader.ReadElementContentAsString("name", "");
            if (reader.MoveToContent() != XmlNodeType.Element || reader.Name != "value")
                throw new XmlException($"the member '{name}' has no value");
            members[name] = ReadValue(xml);
            reader.MoveToContent();
            reader.ReadEndElement();
        });
        return members;
    }

    // The reader is at the parent, and afterwards behind it.
    private static void ReadChildren(XmlReader reader, string child, Action read)
    {
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return;
        }
        reader.ReadStartElement();
        while (reader.MoveToContent() == XmlNodeType.Element)
        {
            if (reader.Name != child)
                throw new XmlException($"<{reader.Name}> where <{child}> belongs");
            read();
        }
        reader.ReadEndElement();
    }
}

using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
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
                WriteValue(writer, argument);
                writer.WriteEndElement();
            }
        }
        if (body.Length > MaxRequest)
            throw new VmDeployException(ErrorCodes.RequestTooLarge, $"{method} would take {body.Length} bytes.", method);
        return body.ToArray();
    }

    /// <summary>Reads a response down to the value in it.</summary>
    /// <exception cref="XmlException">It is no response.</exception>
    public static object ReadResponse(Stream body)
    {
        using var reader = XmlReader.Create(body, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
        });
        reader.MoveToContent();
        if (!reader.IsStartElement("methodResponse"))
            throw new XmlException($"<{reader.Name}> is no methodResponse");
        return reader.ReadToDescendant("value") ? ReadValue(reader) : throw new XmlException("a methodResponse without a value");
    }

    /// <summary>Reads a value that stands alone, as in the result of a task.</summary>
    public static object ReadFragment(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        reader.MoveToContent();
        return reader.IsStartElement("value") ? ReadValue(reader) : throw new XmlException("no value");
    }

    private static void WriteValue(XmlWriter writer, object value)
    {
        writer.WriteStartElement("value");
        switch (value)
        {
            case string text:
                writer.WriteElementString("string", WireText.Checked(text));
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
                    writer.WriteElementString("name", WireText.Checked((string)member.Key));
                    WriteValue(writer, member.Value!);
                    writer.WriteEndElement();
                }
                writer.WriteEndElement();
                break;
            case IEnumerable items:
                writer.WriteStartElement("array");
                writer.WriteStartElement("data");
                foreach (var item in items)
                    WriteValue(writer, item!);
                writer.WriteEndElement();
                writer.WriteEndElement();
                break;
            default:
                throw new ArgumentException($"{value.GetType()} can't go on the wire.", nameof(value));
        }
        writer.WriteEndElement();
    }

    // The reader stands on <value> and is left behind it.
    private static object ReadValue(XmlReader reader)
    {
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return "";
        }
        reader.Read();
        // A string needs no element of its own; white space before another element means nothing.
        var text = "";
        while (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
        {
            text += reader.Value;
            reader.Read();
        }
        object value = text;
        if (reader.NodeType == XmlNodeType.Element)
        {
            value = ReadTyped(reader);
            reader.MoveToContent();
        }
        reader.ReadEndElement();
        return value;
    }

    private static object ReadTyped(XmlReader reader)
    {
        switch (reader.Name)
        {
            case "array":
                return ReadArray(reader);
            case "struct":
                return ReadStruct(reader);
        }
        var type = reader.Name;
        var text = reader.ReadElementContentAsString();
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
                _ => throw new XmlException($"<{type}> is no type of XML-RPC"),
            };
        }
        catch (FormatException e)
        {
            throw new XmlException($"'{text}' is no {type}", e);
        }
    }

    private static readonly string[] s_times =
        ["yyyyMMdd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyyMMdd'T'HH:mm:ss.FFFFFFF'Z'"];

    private static List<object> ReadArray(XmlReader reader)
    {
        var items = new List<object>();
        ReadChildren(reader, "data", () => ReadChildren(reader, "value", () => items.Add(ReadValue(reader)), isRepeated: true));
        return items;
    }

    private static Dictionary<string, object> ReadStruct(XmlReader reader)
    {
        var members = new Dictionary<string, object>();
        ReadChildren(reader, "member", () =>
        {
            reader.ReadStartElement("member");
            reader.MoveToContent();
            var name = reader.ReadElementContentAsString("name", "");
            reader.MoveToContent();
            members[name] = ReadValue(reader);
            reader.MoveToContent();
            reader.ReadEndElement();
        }, isRepeated: true);
        return members;
    }

    // Leaves the element that the reader stands on behind.
    private static void ReadChildren(XmlReader reader, string child, Action read, bool isRepeated = false)
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
            if (!isRepeated)
                reader.MoveToContent();
        }
        reader.ReadEndElement();
    }
}

using System.Collections;
using System.Text;
using System.Xml;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>Writes replies, always in the order of the schema and without elements that the client's version does not know.</summary>
internal sealed class SoapWriter : IDisposable
{
    private const string Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";
    private const string Xsd = "http://www.w3.org/2001/XMLSchema";

    private readonly XmlWriter _xml;
    private readonly Version _version;

    private SoapWriter(Stream stream, Version version)
    {
        _version = version;
        _xml = XmlWriter.Create(stream, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = true, NewLineHandling = NewLineHandling.Entitize });
    }

    /// <summary>The reply of a method.</summary>
    public static byte[] Reply(VimMethod method, object? result, Version version) => Envelope(version, writer =>
    {
        writer._xml.WriteStartElement(method.Name + "Response", VimSchema.Namespace);
        if (method.Result is { } field)
            writer.WriteField(field, result);
        writer._xml.WriteEndElement();
    });

    /// <summary>A SOAP fault with its typed detail.</summary>
    public static byte[] Fault(VimFault fault, Version version) => Envelope(version, writer =>
    {
        var xml = writer._xml;
        xml.WriteStartElement("Fault", Soap);
        xml.WriteElementString("faultcode", "ServerFaultCode");
        xml.WriteElementString("faultstring", fault.Message);
        xml.WriteStartElement("detail");
        xml.WriteStartElement(fault.Detail.Type.Name + "Fault", VimSchema.Namespace);
        xml.WriteAttributeString("type", Xsi, fault.Detail.Type.Name);
        writer.WriteFields(fault.Detail);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    });

    /// <summary>A value as text, to see whether it has changed.</summary>
    public static string Fingerprint(object? value)
    {
        using var stream = new MemoryStream();
        using (var writer = new SoapWriter(stream, new(99, 0)))
        {
            writer._xml.WriteStartElement("v", VimSchema.Namespace);
            if (value is not null)
                writer.WriteAny("val", value);
            writer._xml.WriteEndElement();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    public void Dispose() => _xml.Dispose();

    private static byte[] Envelope(Version version, Action<SoapWriter> body)
    {
        using var stream = new MemoryStream();
        using (var writer = new SoapWriter(stream, version))
        {
            var xml = writer._xml;
            xml.WriteStartElement("soapenv", "Envelope", Soap);
            xml.WriteAttributeString("xmlns", "xsd", null, Xsd);
            xml.WriteAttributeString("xmlns", "xsi", null, Xsi);
            xml.WriteStartElement("Body", Soap);
            body(writer);
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        return stream.ToArray();
    }

    private void WriteFields(DataObject data)
    {
        for (var i = 0; i < data.Type.Fields.Count; i++)
        {
            var field = data.Type.Fields[i];
            var value = data[i];
            if (!field.IsIn(_version))
                continue;
            if (value is null && !field.IsOptional)
                throw new InvalidOperationException($"{data.Type}.{field.Name} is required and was not set.");
            WriteField(field, value);
        }
    }

    private void WriteField(VimField field, object? value)
    {
        if (value is null)
            return;
        if (!field.IsArray)
        {
            WriteValue(field.Name, field.Type, value);
            return;
        }
        foreach (var item in (IEnumerable)value)
            WriteValue(field.Name, field.Type, item);
    }

    private void WriteValue(string name, string declared, object value)
    {
        if (declared == "anyType")
        {
            WriteAny(name, value);
            return;
        }
        _xml.WriteStartElement(name, VimSchema.Namespace);
        if (value is DataObject data && data.Type.Name != declared)
            _xml.WriteAttributeString("type", Xsi, data.Type.Name);
        WriteContent(value);
        _xml.WriteEndElement();
    }

    private void WriteAny(string name, object value)
    {
        var any = Any.Of(value);
        _xml.WriteStartElement(name, VimSchema.Namespace);
        if (any.IsArray)
        {
            _xml.WriteAttributeString("type", Xsi, VimSchema.ArrayName(any.Type));
            foreach (var item in (IEnumerable)any.Value)
                WriteValue(any.Type, any.Type, item);
        }
        else
        {
            var type = any.Value is DataObject data ? data.Type.Name : any.Type;
            _xml.WriteAttributeString("type", Xsi, Primitive.IsPrimitive(type) ? "xsd:" + type : type);
            WriteContent(any.Value);
        }
        _xml.WriteEndElement();
    }

    private void WriteContent(object value)
    {
        switch (value)
        {
            case Mor reference:
                _xml.WriteAttributeString("type", reference.Type);
                _xml.WriteString(reference.Value);
                break;
            case DataObject data:
                WriteFields(data);
                break;
            default:
                _xml.WriteString(Primitive.Write(value));
                break;
        }
    }
}

using System.Xml;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Schema;

namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>
/// Reads a request as strictly as a host does: every element known to the version, in the order of the schema,
/// all required ones present, every value of its type. Anything else is an InvalidRequest that names it.
/// </summary>
internal sealed class SoapReader : IDisposable
{
    private const string Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private const string Xsi = "http://www.w3.org/2001/XMLSchema-instance";
    private const string Xsd = "http://www.w3.org/2001/XMLSchema";

    private readonly XmlReader _xml;
    private readonly Version _version;
    private readonly Stack<string> _where = new();

    private SoapReader(string text, Version version)
    {
        _version = version;
        _xml = XmlReader.Create(new StringReader(text), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
        });
    }

    /// <summary>Reads an envelope.</summary>
    /// <param name="text">The whole envelope.</param>
    /// <param name="version">Elements that are newer are unknown.</param>
    /// <exception cref="VimFault">InvalidRequest.</exception>
    public static SoapRequest Read(string text, Version version)
    {
        using var reader = new SoapReader(text, version);
        try
        {
            return reader.ReadEnvelope();
        }
        catch (XmlException e)
        {
            throw reader.Invalid($"XML document is not well formed: {e.Message}");
        }
    }

    public void Dispose() => _xml.Dispose();

    private SoapRequest ReadEnvelope()
    {
        _xml.MoveToContent();
        using var envelope = Enter("SOAP envelope");
        if (_xml.LocalName != "Envelope" || _xml.NamespaceURI != Soap)
            throw Invalid($"Unexpected element tag \"{_xml.LocalName}\" seen");
        _xml.ReadStartElement();
        if (_xml.LocalName == "Header" && _xml.NamespaceURI == Soap)
            _xml.Skip();
        if (_xml.LocalName != "Body" || _xml.NamespaceURI != Soap)
            throw Invalid("SOAP body is missing");

        SoapRequest request;
        using (Enter("SOAP body"))
        {
            _xml.ReadStartElement();
            _xml.MoveToContent();
            if (_xml.NodeType != XmlNodeType.Element)
                throw Invalid("SOAP body is empty");
            var method = _xml.NamespaceURI == VimSchema.Namespace ? VimSchema.FindMethod(_xml.LocalName) : null;
            if (method is null)
                throw Invalid($"Unable to resolve WSDL method name {_xml.LocalName} for namespace name {_xml.NamespaceURI}");

            using (Enter($"call information for method {method.Name}"))
                request = new(method, ReadObject(method.Request, "parameter"));
            if (_xml.MoveToContent() != XmlNodeType.EndElement)
                throw Invalid($"Unexpected element tag \"{_xml.LocalName}\" seen");
            _xml.ReadEndElement();
        }
        _xml.ReadEndElement();
        if (_xml.MoveToContent() != XmlNodeType.None)
            throw Invalid("Something follows the envelope");
        return request;
    }

    private DataObject ReadObject(VimType type, string what)
    {
        var data = new DataObject(type);
        var position = 0;
        List<object>? items = null;

        void Finish(int index)
        {
            var field = type.Fields[index];
            if (items is not null)
                data[index] = items;
            else if (!field.IsOptional && data[index] is null && field.IsIn(_version))
                throw Invalid($"Required {what} {field.Name} is missing from {(what == "parameter" ? "the call" : $"data object of type {type.Name}")}");
            items = null;
        }

        if (!_xml.IsEmptyElement)
        {
            _xml.ReadStartElement();
            while (_xml.MoveToContent() == XmlNodeType.Element)
            {
                var index = _xml.NamespaceURI == VimSchema.Namespace ? type.IndexOf(_xml.LocalName) : -1;
                if (index < 0 || !type.Fields[index].IsIn(_version))
                    throw Invalid($"Unexpected element tag \"{_xml.LocalName}\" seen");
                if (index < position || (index == position && data[index] is not null))
                    throw Invalid($"Unexpected element tag \"{_xml.LocalName}\" seen: it is out of order or repeated");
                for (; position < index; position++)
                    Finish(position);

                var field = type.Fields[index];
                using (Enter($"property \"{field.Name}\" of static type {(field.IsArray ? VimSchema.ArrayName(field.Type) : field.Type)}"))
                {
                    var value = ReadValue(field.Type);
                    if (field.IsArray)
                        (items ??= []).Add(value);
                    else
                        data[index] = value;
                }
            }
            if (_xml.NodeType != XmlNodeType.EndElement)
                throw Invalid("Unexpected text seen");
        }
        for (; position < type.Fields.Count; position++)
            Finish(position);
        _xml.Read();
        return data;
    }

    private object ReadValue(string declared)
    {
        var actual = ReadTypeAttribute() ?? declared;
        if (actual == "anyType")
            throw Invalid("xsi:type is missing where any type may stand");
        if (VimSchema.ArrayElement(actual) is { } element)
        {
            if (declared != "anyType")
                throw Invalid($"Type {actual} is no {declared}");
            return new Any(element, true, ReadArray(element));
        }
        if (actual == "ManagedObjectReference" && declared is "ManagedObjectReference" or "anyType")
            return Box(declared, actual, ReadReference());
        if (Primitive.IsPrimitive(actual) || VimSchema.FindEnum(actual) is not null)
        {
            if (declared != actual && declared != "anyType")
                throw Invalid($"Type {actual} is no {declared}");
            return Box(declared, actual, ReadSimple(actual));
        }

        var type = VimSchema.FindType(actual) ?? throw Invalid($"Type {actual} is unknown");
        if (declared != "anyType" && !type.Is(declared))
            throw Invalid($"Type {actual} is no {declared}");
        using (Enter($"serialized DataObject of type {type.Name}"))
            return Box(declared, actual, ReadObject(type, "property"));
    }

    // The value alone would lose the name of the enumeration.
    private static object Box(string declared, string actual, object value) =>
        declared == "anyType" && VimSchema.FindEnum(actual) is not null ? new Any(actual, false, value) : value;

    private List<object> ReadArray(string element)
    {
        var items = new List<object>();
        if (_xml.IsEmptyElement)
        {
            _xml.Read();
            return items;
        }
        _xml.ReadStartElement();
        while (_xml.MoveToContent() == XmlNodeType.Element)
        {
            if (_xml.LocalName != element)
                throw Invalid($"Unexpected element tag \"{_xml.LocalName}\" seen");
            items.Add(ReadValue(element));
        }
        _xml.ReadEndElement();
        return items;
    }

    private Mor ReadReference()
    {
        var type = _xml.GetAttribute("type");
        if (string.IsNullOrEmpty(type))
            throw Invalid("A managed object reference without the attribute type");
        return new(type, _xml.ReadElementContentAsString());
    }

    private object ReadSimple(string type)
    {
        var name = _xml.LocalName;
        var text = _xml.ReadElementContentAsString();
        if (VimSchema.FindEnum(type) is { } values)
            return values.Contains(text) ? text : throw Invalid($"\"{text}\" is not a value of {type} in {name}");
        try
        {
            return Primitive.Read(type, text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw Invalid($"\"{text}\" is not an xsd:{type} in {name}");
        }
    }

    private string? ReadTypeAttribute()
    {
        if (_xml.GetAttribute("type", Xsi) is not { } name)
            return null;
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        var space = _xml.LookupNamespace(colon < 0 ? "" : name[..colon]);
        return space is VimSchema.Namespace or Xsd ? name[(colon + 1)..] : throw Invalid($"xsi:type \"{name}\" is in no known namespace");
    }

    private Scope Enter(string what)
    {
        var line = (IXmlLineInfo)_xml;
        _where.Push($"while parsing {what}\nat line {line.LineNumber}, column {line.LinePosition}");
        return new(_where);
    }

    private VimFault Invalid(string problem) =>
        VimFault.InvalidRequest(string.Join("\n\n", [problem, .. _where]));

    // The message of a fault is written before any scope is left.
    private readonly struct Scope(Stack<string> where) : IDisposable
    {
        public void Dispose() => where.Pop();
    }
}

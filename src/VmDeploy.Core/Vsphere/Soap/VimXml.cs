using System.Text;
using System.Xml;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>
/// Writing and reading vim25 XML. XML is the data model: what a server sent is sent back unchanged, except for the elements
/// to change. Types are therefore kept in one form: <c>xsi:type</c> without prefix for vim25, <c>xsd:</c> for
/// XML Schema's own.
/// </summary>
internal static class VimXml
{
    public static readonly XNamespace Vim = "urn:vim25";
    public static readonly XNamespace Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace s_xsi = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace s_xsd = "http://www.w3.org/2001/XMLSchema";
    private static readonly XName s_type = s_xsi + "type";
    private static readonly XName s_objects = Vim + "objects";

    // Below Envelope, Body, the response and its returnval.
    private const int ObjectsDepth = 4;

    /// <summary>An element; content that is null is left out.</summary>
    public static XElement El(string name, params object?[] content) => new(Vim + name, content.Select(Text));

    /// <summary>An element with a type name (<c>xsi:type</c>), required if the schema declares a base type.</summary>
    public static XElement Typed(string name, string type, params object?[] content) =>
        new(Vim + name, new XAttribute(s_type, type), content.Select(Text));

    public static XElement? Ref(string name, MoRef? reference) =>
        reference is { } r ? new XElement(Vim + name, new XAttribute("type", r.Type), r.Value) : null;

    public static XElement? Optional(string name, object? value) => value is null ? null : El(name, value);

    public static XElement? Child(this XElement element, string name) => element.Element(Vim + name);

    /// <summary>A child that the schema demands in a reply.</summary>
    /// <exception cref="VmDeployException"><c>UnexpectedReply</c> if it is missing.</exception>
    public static XElement Required(this XElement element, string name) => element.Child(name)
        ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host's reply has no <{name}> in <{element.Name.LocalName}>.", name);

    public static MoRef ReturnedRef(this XElement reply) => reply.Required("returnval").ToMoRef();

    public static IEnumerable<XElement> Children(this XElement element, string name) => element.Elements(Vim + name);

    public static string? Value(this XElement element, string name) => element.Child(name)?.Value;

    public static int? Number(this XElement element, string name) =>
        int.TryParse(element.Value(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static DateTime ToUtc(this XElement element) =>
        DateTime.TryParse(element.Value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var time)
            ? time : throw new VmDeployException(ErrorCodes.UnexpectedReply, $"'{element.Value}' is not a valid time.", element.Value);

    public static string? TypeName(this XElement element) => element.Attribute(s_type)?.Value;

    public static MoRef ToMoRef(this XElement element) => new(element.Attribute("type")?.Value ?? "", element.Value);

    /// <summary>
    /// Puts a child where the schema's order wants it. <paramref name="order"/> lists the children's names in schema order;
    /// names that are not in it come before.
    /// </summary>
    public static void InsertInOrder(this XElement parent, XElement child, IReadOnlyList<string> order)
    {
        var later = new HashSet<string>(order.SkipWhile(name => name != child.Name.LocalName).Skip(1));
        var next = parent.Elements().FirstOrDefault(e => later.Contains(e.Name.LocalName));
        if (next is null)
            parent.Add(child);
        else
            next.AddBeforeSelf(child);
    }

    /// <summary>Writes a whole request.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c> for text that XML can't carry.</exception>
    public static byte[] WriteEnvelope(XElement request)
    {
        foreach (var element in request.DescendantsAndSelf().Where(e => !e.HasElements))
            OutgoingText.Checked(element.Value, element.Name.LocalName);
        var envelope = new XElement(Soap + "Envelope",
            new XAttribute(XNamespace.Xmlns + "soapenv", Soap),
            new XAttribute(XNamespace.Xmlns + "xsi", s_xsi),
            new XAttribute(XNamespace.Xmlns + "xsd", s_xsd),
            new XElement(Soap + "Body", request));
        using var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(false), NewLineHandling = NewLineHandling.Entitize }))
            envelope.Save(writer);
        return bytes.ToArray();
    }

    /// <summary>Reads a server's reply: types are brought into our form, namespace declarations and white space between elements are left out.</summary>
    /// <exception cref="XmlException">It is not XML, or exceeds a limit of <see cref="ReplyXml"/>.</exception>
    public static XElement Read(Stream reply, CancellationToken cancellationToken) => Read(reply, null, cancellationToken);

    /// <summary>
    /// As above, for a reply that may be long: each <c>objects</c> element is handed to <paramref name="objects"/> as soon as
    /// it is complete, and left out of the result.
    /// </summary>
    public static XElement Read(Stream reply, ObjectSink? objects, CancellationToken cancellationToken)
    {
        var xml = ReplyXml.Open(reply, cancellationToken);
        using var reader = xml.Reader;
        if (reader.MoveToContent() != XmlNodeType.Element)
            throw new XmlException("it has no root element");
        var root = ReadElement(xml, objects)!;
        while (reader.Read())
        {
            // The reader throws for anything but white space after the root.
        }
        return root;
    }

    // A parent gets its children when they are complete: adding to an element that has a parent looks at all its ancestors.
    // Null for an element that is not needed.
    private static XElement? ReadElement(ReplyXml xml, ObjectSink? objects)
    {
        xml.Enter();
        var reader = xml.Reader;
        var isEmpty = reader.IsEmptyElement;
        var element = new XElement(NameOf(reader));
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI == XNamespace.Xmlns.NamespaceName)
                continue;
            var name = NameOf(reader);
            element.Add(new XAttribute(name, name == s_type ? PlainType(reader) : reader.Value));
        }
        reader.MoveToElement();
        if (objects is not null && reader.Depth > ObjectsDepth && element.TypeName() is { } type && objects.Unneeded.Contains(type))
        {
            xml.SkipContent();
            return null;
        }
        if (isEmpty)
            return element;
        string? text = null;
        StringBuilder? more = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element:
                    AddText();
                    var child = ReadElement(xml, objects);
                    if (objects is not null && reader.Depth == ObjectsDepth && child?.Name == s_objects)
                        objects.Take(child);
                    else
                        element.Add(child);
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                    if (text is null)
                        text = reader.Value;
                    else
                        (more ??= new StringBuilder(text)).Append(reader.Value);
                    break;
                case XmlNodeType.EndElement:
                    AddText();
                    return element;
            }
        }
        throw new XmlException("the document ends too early");

        void AddText()
        {
            if (text is not null)
                element.Add(more?.ToString() ?? text);
            text = null;
            more = null;
        }
    }

    private static XName NameOf(XmlReader reader) => NamespaceOf(reader.NamespaceURI) + reader.LocalName;

    // Nearly all names are of these; the namespace need not be looked up for each.
    private static XNamespace NamespaceOf(string uri) =>
        uri.Length == 0 ? XNamespace.None : uri == Vim.NamespaceName ? Vim : uri == s_xsi.NamespaceName ? s_xsi : XNamespace.Get(uri);

    private static string PlainType(XmlReader reader)
    {
        var type = reader.Value;
        var colon = type.IndexOf(':');
        var local = type.Substring(colon + 1);
        return colon > 0 && reader.LookupNamespace(type.Substring(0, colon)) == s_xsd.NamespaceName ? "xsd:" + local : local;
    }

    // The XML forms of booleans and numbers; XElement would do the same, but not inside arrays of object.
    private static object? Text(object? content) => content is bool b ? XmlConvert.ToString(b) : content;
}

/// <summary>Receives the <c>objects</c> of a long reply one by one.</summary>
/// <param name="Take">Gets an object.</param>
/// <param name="Unneeded">The types of elements to leave out of it.</param>
internal sealed record ObjectSink(Action<XElement> Take, ICollection<string> Unneeded);

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>
/// Writing and reading vim25 XML. XML is the data model: what a server sent goes back as it came, with the elements changed
/// that we mean to change. Types are therefore kept in one form: <c>xsi:type</c> without prefix for vim25, <c>xsd:</c> for
/// XML Schema's own.
/// </summary>
internal static class VimXml
{
    public static readonly XNamespace Vim = "urn:vim25";
    public static readonly XNamespace Soap = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace s_xsi = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace s_xsd = "http://www.w3.org/2001/XMLSchema";
    private static readonly XName s_type = s_xsi + "type";

    /// <summary>An element; content that is null is left out.</summary>
    /// <exception cref="VmDeployException"><c>ValueRefused</c> for text that XML can't carry.</exception>
    public static XElement El(string name, params object?[] content) => new(Vim + name, content.Select(Text));

    /// <summary>An element whose type is named (<c>xsi:type</c>), needed wherever the schema's declared type is a base.</summary>
    public static XElement Typed(string name, string type, params object?[] content) =>
        new(Vim + name, new XAttribute(s_type, type), content.Select(Text));

    /// <summary>A reference, or null (left out) when there is none.</summary>
    public static XElement? Ref(string name, MoRef? reference) =>
        reference is { } r ? new XElement(Vim + name, new XAttribute("type", r.Type), WireText.Checked(r.Value)) : null;

    /// <summary>An element that is left out when its value is null.</summary>
    public static XElement? Optional(string name, object? value) => value is null ? null : El(name, value);

    /// <summary>The first child of that name.</summary>
    public static XElement? Child(this XElement element, string name) => element.Element(Vim + name);

    /// <summary>All children of that name.</summary>
    public static IEnumerable<XElement> Children(this XElement element, string name) => element.Elements(Vim + name);

    /// <summary>The text of a child, or null.</summary>
    public static string? Value(this XElement element, string name) => element.Child(name)?.Value;

    /// <summary>The number in a child, or null.</summary>
    public static int? Number(this XElement element, string name) =>
        int.TryParse(element.Value(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The vim25 type that the element says it has, or null.</summary>
    public static string? TypeName(this XElement element) => element.Attribute(s_type)?.Value;

    /// <summary>Reads the element as a reference.</summary>
    public static MoRef ToMoRef(this XElement element) => new(element.Attribute("type")?.Value ?? "", element.Value);

    /// <summary>
    /// Puts a child where the schema's order wants it. <paramref name="order"/> lists the children's names in schema order;
    /// names that it lacks are taken to stand before.
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

    /// <summary>A whole request.</summary>
    public static byte[] WriteEnvelope(XElement request)
    {
        var envelope = new XElement(Soap + "Envelope",
            new XAttribute(XNamespace.Xmlns + "soapenv", Soap),
            new XAttribute(XNamespace.Xmlns + "xsi", s_xsi),
            new XAttribute(XNamespace.Xmlns + "xsd", s_xsd),
            new XElement(Soap + "Body", request));
        using var bytes = new MemoryStream();
        using (var writer = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(false) }))
            envelope.Save(writer);
        return bytes.ToArray();
    }

    /// <summary>Reads XML that came over the network: no DTD, types brought into our form.</summary>
    public static XElement Read(Stream stream)
    {
        using var reader = XmlReader.Create(stream, new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreWhitespace = true,
            IgnoreComments = true,
        });
        var root = XElement.Load(reader);
        foreach (var element in root.DescendantsAndSelf())
        {
            if (element.Attribute(s_type) is { } type)
                type.Value = PlainType(element, type.Value);
        }
        root.DescendantsAndSelf().Attributes().Where(a => a.IsNamespaceDeclaration).Remove();
        return root;
    }

    private static string PlainType(XElement element, string type)
    {
        var colon = type.IndexOf(':');
        var local = type.Substring(colon + 1);
        return colon > 0 && element.GetNamespaceOfPrefix(type.Substring(0, colon)) == s_xsd ? "xsd:" + local : local;
    }

    // The XML forms of booleans and numbers; XElement would do the same, but not inside arrays of object.
    private static object? Text(object? content) => content switch
    {
        bool flag => XmlConvert.ToString(flag),
        string text => WireText.Checked(text),
        _ => content,
    };
}

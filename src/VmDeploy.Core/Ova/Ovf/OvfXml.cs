using System.Xml;

namespace VmDeploy.Ova;

/// <summary>Reads the XML of a descriptor in bounded time and memory, whatever it holds.</summary>
/// <param name="name">Its name, for messages.</param>
internal sealed class OvfXml(string name)
{
    // No host accepts a descriptor with this many; the bounds limit the work for a hostile one.
    private const int MaxDepth = 100;
    private const int MaxElements = 200_000;
    private const int MaxAttributes = 100;

    private static readonly char[] s_tagBreaks = ['>', '"', '\''];

    /// <summary>The root element; <c>OvfMalformed</c> or <c>OvfHasDtd</c>.</summary>
    public XElement Load(string xml)
    {
        try
        {
            CheckBounds(xml);
            using var reader = CreateReader(xml);
            return XDocument.Load(reader).Root!;
        }
        catch (XmlException e) when (e.LineNumber == 0 && xml.Contains("<!DOCTYPE"))
        {
            throw new VmDeployException(ErrorCodes.OvfHasDtd, $"'{name}' has a document type declaration.", name, e);
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.OvfMalformed, $"'{name}' is not well-formed XML: {e.Message}", name, e);
        }
    }

    // The parser takes quadratic time for the attributes of one element, and a tree of elements for its depth.
    private void CheckBounds(string xml)
    {
        if (MostAttributes(xml) > MaxAttributes)
            throw Malformed($"an element has more than {MaxAttributes} attributes");
        using var reader = CreateReader(xml);
        for (var elements = 0; reader.Read();)
        {
            if (reader.Depth > MaxDepth)
                throw Malformed($"its elements are nested deeper than {MaxDepth}");
            if (reader.NodeType == XmlNodeType.Element && ++elements > MaxElements)
                throw Malformed($"it has more than {MaxElements} elements");
        }
    }

    // Counts quoted strings between a < and its >. The parser reports what is not well-formed.
    private static int MostAttributes(string xml)
    {
        var most = 0;
        for (var at = xml.IndexOf('<'); at >= 0; at = at < 0 ? at : xml.IndexOf('<', at))
        {
            var end = StartsAt("<!--") ? "-->" : StartsAt("<![CDATA[") ? "]]>" : StartsAt("<?") ? "?>" : null;
            if (end is not null)
            {
                at = xml.IndexOf(end, at, StringComparison.Ordinal);
                continue;
            }
            var count = 0;
            while ((at = xml.IndexOfAny(s_tagBreaks, at + 1)) >= 0 && xml[at] != '>' && (at = xml.IndexOf(xml[at], at + 1)) >= 0)
                most = Math.Max(most, ++count);

            bool StartsAt(string text) => string.CompareOrdinal(xml, at, text, 0, text.Length) == 0;
        }
        return most;
    }

    private static XmlReader CreateReader(string xml) =>
        XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });

    private VmDeployException Malformed(string what) => new(ErrorCodes.OvfMalformed, $"'{name}' is not a valid OVF: {what}.", name);
}

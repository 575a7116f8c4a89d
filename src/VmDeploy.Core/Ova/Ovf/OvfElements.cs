namespace VmDeploy.Ova;

/// <summary>Finds the elements of an OVF, independent of its version.</summary>
internal sealed class OvfElements
{
    private static readonly XNamespace s_xsi = "http://www.w3.org/2001/XMLSchema-instance";
    private static readonly XNamespace s_vmware = "http://www.vmware.com/schema/ovf";

    private readonly XNamespace _ovf;
    private readonly Dictionary<string, string> _messages;

    public OvfElements(XElement envelope)
    {
        _ovf = envelope.Name.Namespace;
        _messages = ReadMessages(envelope);
    }

    /// <summary>True for the namespaces of OVF 1.x and 2.x, and of VMware's 0.9.</summary>
    public static bool IsEnvelope(XElement root) => root.Name.LocalName == "Envelope"
        && (root.Name.NamespaceName.StartsWith("http://schemas.dmtf.org/ovf/envelope/", StringComparison.Ordinal)
            || root.Name.NamespaceName.StartsWith("http://www.vmware.com/schema/ovf/", StringComparison.Ordinal));

    public IEnumerable<XElement> Children(XElement parent, string kind) => parent.Elements().Where(element => Is(element, kind));

    public IEnumerable<XElement> Descendants(XElement parent, string kind) => parent.Descendants().Where(element => Is(element, kind));

    public XElement? Child(XElement parent, string kind) => Children(parent, kind).FirstOrDefault();

    /// <summary>The text of a child, from the string bundle if it refers to one; null when it is absent or blank.</summary>
    public string? Text(XElement parent, string kind) => Child(parent, kind) is { } child ? Text(child) : null;

    public string? Text(XElement element)
    {
        var text = Attribute(element, "msgid") is { } id && _messages.TryGetValue(id, out var message) ? message : element.Value;
        return text.Trim() is { Length: > 0 } trimmed ? trimmed : null;
    }

    public string? Attribute(XElement element, string name) => (string?)(element.Attribute(_ovf + name) ?? element.Attribute(name));

    public bool Flag(XElement element, string name) => Attribute(element, name)?.Trim().ToLowerInvariant() is "true" or "1";

    public static string? VmwareAttribute(XElement element, string name) => (string?)element.Attribute(s_vmware + name);

    public static IEnumerable<XElement> VmwareChildren(XElement parent, string name) => parent.Elements(s_vmware + name);

    // Version 0.9 has <Section xsi:type="ovf:DiskSection_Type"> where later ones have <DiskSection>.
    public bool Is(XElement element, string kind)
    {
        if (element.Name.Namespace != _ovf)
            return false;
        if (element.Name.LocalName == kind)
            return true;
        return element.Name.LocalName is "Section" or "Content" && (string?)element.Attribute(s_xsi + "type") is { } type
            && type.Substring(type.IndexOf(':') + 1) == kind + "_Type";
    }

    // The order of languages: the envelope's own, English, the first one.
    private Dictionary<string, string> ReadMessages(XElement envelope)
    {
        var preferred = Language(envelope) ?? "en";
        var messages = new Dictionary<string, string>();
        foreach (var bundle in envelope.Elements(_ovf + "Strings").OrderBy(bundle => Rank(Language(bundle), preferred)))
        {
            foreach (var message in bundle.Elements(_ovf + "Msg"))
            {
                if (Attribute(message, "msgid") is { } id && !messages.ContainsKey(id))
                    messages[id] = message.Value;
            }
        }
        return messages;
    }

    private static int Rank(string? language, string preferred) =>
        string.Equals(language, preferred, StringComparison.OrdinalIgnoreCase) ? 0
        : language?.StartsWith("en", StringComparison.OrdinalIgnoreCase) == true ? 1 : 2;

    private static string? Language(XElement element) => (string?)element.Attribute(XNamespace.Xml + "lang");
}

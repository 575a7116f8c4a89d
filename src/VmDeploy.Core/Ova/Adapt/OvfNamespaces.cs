namespace VmDeploy.Ova;

/// <summary>Moves a descriptor from one namespace of OVF to another.</summary>
internal static class OvfNamespaces
{
    /// <summary>Renames all elements and attributes of a namespace; the declarations of prefixes follow.</summary>
    public static void Replace(XElement envelope, XNamespace from, XNamespace to)
    {
        foreach (var element in envelope.DescendantsAndSelf())
        {
            if (element.Name.Namespace == from)
                element.Name = to + element.Name.LocalName;
            // Of an attribute in both namespaces the later one counts.
            element.ReplaceAttributes(element.Attributes().Select(attribute =>
                attribute.IsNamespaceDeclaration && attribute.Value == from.NamespaceName ? new XAttribute(attribute.Name, to.NamespaceName)
                : attribute.Name.Namespace == from ? new XAttribute(to + attribute.Name.LocalName, attribute.Value)
                : attribute).GroupBy(attribute => attribute.Name).Select(same => same.Last()).ToList());
        }
    }
}

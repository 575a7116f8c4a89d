using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>Reads the properties of a product section (DSP0243 section 9.5).</summary>
internal static class OvfPropertyReader
{
    // MinLen(1) MaxLen(8) ValueMap{"a","b"} (DSP0004 section 5.6.3)
    private static readonly Regex s_length = new(@"\b(?<name>MinLen|MaxLen)\s*\(\s*(?<value>\d{1,9})\s*\)", RegexOptions.CultureInvariant);
    private static readonly Regex s_valueMap = new(@"\bValueMap\s*\{(?<values>[^}]*)\}", RegexOptions.CultureInvariant);
    // Each match begins where the last one ended, so unclosed quotes are scanned only once.
    private static readonly Regex s_quoted = new("\\G[^\"]*\"(?<text>(?>[^\"\\\\]+|\\\\.)*)\"", RegexOptions.CultureInvariant);
    private static readonly Regex s_ip = new(@"^\s*Ip\b", RegexOptions.CultureInvariant);

    public static IEnumerable<OvfProperty> Read(OvfElements ovf, XElement section)
    {
        string? category = null;
        foreach (var element in section.Elements())
        {
            if (element.Name == section.Name.Namespace + "Category")
                category = ovf.Text(element);
            else if (element.Name == section.Name.Namespace + "Property" && ovf.Attribute(element, "key") is { Length: > 0 } key)
                yield return ReadProperty(ovf, section, element, key, category);
        }
    }

    private static OvfProperty ReadProperty(OvfElements ovf, XElement section, XElement element, string key, string? category)
    {
        var qualifiers = ovf.Attribute(element, "qualifiers") ?? "";
        var type = (ovf.Attribute(element, "type") ?? "string").Trim().ToLowerInvariant();
        // VMware marks addresses with the vmw:qualifiers attribute, or with ip:network.
        if (type.StartsWith("ip:", StringComparison.Ordinal) || s_ip.IsMatch(OvfElements.VmwareAttribute(element, "qualifiers") ?? ""))
            type = "ip";
        var values = ovf.Children(element, "Value").ToList();
        return new OvfProperty(key, type)
        {
            Class = ovf.Attribute(section, "class") ?? "",
            Instance = ovf.Attribute(section, "instance") ?? "",
            Label = ovf.Text(element, "Label"),
            Description = ovf.Text(element, "Description"),
            Category = category,
            IsUserConfigurable = ovf.Flag(element, "userConfigurable"),
            IsPassword = ovf.Flag(element, "password") || type == "password",
            MinLength = Length(qualifiers, "MinLen"),
            MaxLength = Length(qualifiers, "MaxLen"),
            AllowedValues = s_valueMap.Match(qualifiers.Substring(0, qualifiers.LastIndexOf('}') + 1)) is { Success: true } map
                ? s_quoted.Matches(map.Groups["values"].Value).Cast<Match>().Select(match => match.Groups["text"].Value.Replace("\\\"", "\"").Replace("\\\\", "\\")).ToList()
                : [],
            DefaultValue = values.Where(value => ovf.Attribute(value, "configuration") is null).Select(value => ovf.Attribute(value, "value")).FirstOrDefault()
                ?? ovf.Attribute(element, "value"),
            OptionDefaults = new TextMap(values.SelectMany(value => OvfHardwareReader.SplitList(ovf.Attribute(value, "configuration")).Select(option => (Option: option, Value: ovf.Attribute(value, "value") ?? "")))
                .GroupBy(pair => pair.Option).ToDictionary(group => group.Key, group => group.First().Value)),
        };
    }

    private static int? Length(string qualifiers, string name) => s_length.Matches(qualifiers).Cast<Match>()
        .Where(match => match.Groups["name"].Value == name)
        .Select(match => (int?)int.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)).FirstOrDefault();
}

namespace VmDeploy.Vsphere;

/// <summary>
/// The OVF environment document (DSP0243 section 11) from which a guest reads its properties. A vCenter creates it itself;
/// a standalone host keeps no properties, so it is put into <see cref="Key"/>, where the guest's tools find it.
/// </summary>
internal static class OvfEnvironment
{
    /// <summary>The key in <c>extraConfig</c>.</summary>
    public const string Key = "guestinfo.ovfEnv";

    private static readonly XNamespace s_environment = "http://schemas.dmtf.org/ovf/environment/1";

    public static string Write(ServiceContent host, IReadOnlyDictionary<string, string> properties) =>
        new XElement(s_environment + "Environment",
            new XAttribute("xmlns", s_environment),
            new XAttribute(XNamespace.Xmlns + "oe", s_environment),
            new XAttribute(s_environment + "id", ""),
            new XElement(s_environment + "PlatformSection",
                new XElement(s_environment + "Kind", "VMware ESXi"),
                new XElement(s_environment + "Version", host.Version),
                new XElement(s_environment + "Vendor", "VMware, Inc."),
                new XElement(s_environment + "Locale", "en")),
            new XElement(s_environment + "PropertySection", properties.Select(p => new XElement(s_environment + "Property",
                new XAttribute(s_environment + "key", p.Key),
                new XAttribute(s_environment + "value", p.Value))))).ToString(SaveOptions.DisableFormatting);
}

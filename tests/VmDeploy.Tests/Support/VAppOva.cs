using System.Globalization;
using System.Text.RegularExpressions;

namespace VmDeploy.Tests.Support;

/// <summary>A machine of a <see cref="VAppOva"/>.</summary>
/// <param name="Id">Its <c>ovf:id</c>.</param>
/// <param name="Disks">Numbers of the disks of the package, from 1.</param>
internal sealed record VAppMachine(string Id, params int[] Disks)
{
    public string? Name { get; init; }

    public IReadOnlyList<string> Networks { get; init; } = ["VM Network"];

    public int CpuCount { get; init; } = 1;

    /// <summary>XML of further hardware items.</summary>
    public string Items { get; init; } = "";

    /// <summary>XML of ProductSection elements.</summary>
    public string Products { get; init; } = "";

    public string ToXml() => $"""
        <VirtualSystem ovf:id="{Id}">
          <Info>A machine</Info>
          {(Name is null ? "" : $"<Name>{Name}</Name>")}
          <OperatingSystemSection ovf:id="94" vmw:osType="ubuntu64Guest"><Info>Guest</Info></OperatingSystemSection>
          {Products}
          <VirtualHardwareSection ovf:transport="com.vmware.guestInfo">
            <Info>Virtual hardware</Info>
            <System>
              <vssd:ElementName>Virtual Hardware Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID>
              <vssd:VirtualSystemIdentifier>{Id}</vssd:VirtualSystemIdentifier><vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType>
            </System>
            {OvaBuilder.Item(1, 3, "CPU", quantity: CpuCount)}
            {OvaBuilder.Item(2, 4, "Memory", quantity: 64, units: "byte * 2^20")}
            {OvaBuilder.Item(3, 6, "SCSI 0", subType: "lsilogic")}
            {string.Concat(Disks.Select((disk, i) => OvaBuilder.Item(10 + i, 17, $"Hard disk {i + 1}", addressOnParent: i, hostResource: $"ovf:/disk/vmdisk{disk}", parent: 3)))}
            {string.Concat(Networks.Select((network, i) => OvaBuilder.Item(50 + i, 10, $"Network adapter {i + 1}", addressOnParent: 7 + i, connection: network, subType: "VmxNet3")))}
            {Items}
          </VirtualHardwareSection>
        </VirtualSystem>
        """;
}

/// <summary>Creates packages with several machines.</summary>
internal static class VAppOva
{
    /// <summary>A package.</summary>
    /// <param name="content">The XML in the collection: machines, nested collections, sections.</param>
    /// <param name="disks">How many disks it has.</param>
    /// <param name="networks">Its networks.</param>
    /// <param name="sections">XML of sections of the envelope.</param>
    public static OvaBuilder Create(string content, int disks, IReadOnlyList<string>? networks = null, string sections = "") => new()
    {
        Name = "shop",
        Disks = [.. Enumerable.Range(1, disks).Select(i => new OvaBuilderDisk(string.Create(CultureInfo.InvariantCulture, $"disk{i}.vmdk"), StreamVmdk.FromRaw(Raw(i))))],
        Networks = networks ?? ["VM Network"],
        EnvelopeSections = sections,
        EditDescriptor = xml => xml[..xml.IndexOf("<VirtualSystem ", StringComparison.Ordinal)] + Collection("shop", content) + "</Envelope>",
    };

    /// <summary>The package with one of its disks in a SharedDiskSection.</summary>
    public static OvaBuilder WithSharedDisk(OvaBuilder package, int disk) => package with
    {
        EditDescriptor = xml =>
        {
            var edited = package.EditDescriptor!(xml);
            var element = Regex.Match(edited, $"<Disk ovf:diskId=\"vmdisk{disk}\"[^>]*/>").Value;
            return edited.Replace(element, "", StringComparison.Ordinal).Replace("</DiskSection>",
                $"</DiskSection><SharedDiskSection><Info>Shared</Info>{element.Replace("<Disk", "<SharedDisk", StringComparison.Ordinal)}</SharedDiskSection>", StringComparison.Ordinal);
        },
    };

    public static string Collection(string id, string content) => $"<VirtualSystemCollection ovf:id=\"{id}\"><Info>A group</Info><Name>{id}</Name>{content}</VirtualSystemCollection>";

    /// <summary>A StartupSection of items.</summary>
    /// <param name="items">Id, order, and further attributes.</param>
    public static string Startup(params (string Id, int Order, string More)[] items) => "<StartupSection><Info>Order</Info>"
        + string.Concat(items.Select(item => FormattableString.Invariant($"<Item ovf:id=\"{item.Id}\" ovf:order=\"{item.Order}\" {item.More}/>"))) + "</StartupSection>";

    /// <summary>A ProductSection with properties that users can set.</summary>
    /// <param name="properties">Key and default.</param>
    public static string Product(params (string Key, string Value)[] properties) => "<ProductSection><Info>Product</Info>"
        + string.Concat(properties.Select(property => $"<Property ovf:key=\"{property.Key}\" ovf:type=\"string\" ovf:userConfigurable=\"true\" ovf:value=\"{property.Value}\"/>")) + "</ProductSection>";

    /// <summary>The content of a disk of a package.</summary>
    public static byte[] Raw(int disk)
    {
        var raw = new byte[3 * 65536];
        new Random(disk).NextBytes(raw);
        return raw;
    }
}

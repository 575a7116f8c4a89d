using System.Xml;
using System.Xml.Linq;
using VmDeploy.Export;
using VmDeploy.Ova;
using Xunit;

namespace VmDeploy.Tests.Export;

/// <summary>The descriptors that we write, and that the rules which all exports of the tests are checked by find faults.</summary>
public sealed class StrictOvfTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(31, 8, 4)]
    public void A_VM_of_any_size_keeps_the_rules(int disks, int adapters, int drives) => Check(Describe(disks, adapters, drives), disks);

    [Theory]
    [InlineData("DiskSection>", "SharedDiskSection>")]
    [InlineData("AnnotationSection>", "NoteSection>")]
    [InlineData("ovf:id=\"file2\"", "ovf:id=\"file1\"")]
    [InlineData("ovf:href=\"web1-disk-1.vmdk\"", "ovf:href=\"web1-disk-7.vmdk\"")]
    [InlineData("ovf:size=\"1001\"", "ovf:size=\"1002\"")]
    [InlineData("ovf:fileRef=\"file2\"", "ovf:fileRef=\"file3\"")]
    [InlineData("ovf:fileRef=\"file2\"", "ovf:fileRef=\"file1\"")]
    [InlineData("ovf:diskId=\"vmdisk2\"", "diskId=\"vmdisk2\"")]
    [InlineData("ovf:capacityAllocationUnits=\"byte\"", "ovf:capacityAllocationUnits=\"MB\"")]
    [InlineData("<ovf:Info>Virtual disk information</ovf:Info>", "")]
    [InlineData("<ovf:Network ovf:name=\"net0\">", "<ovf:Network>")]
    [InlineData("<ovf:VirtualSystem ovf:id=\"web1\">", "<ovf:VirtualSystem>")]
    [InlineData("<rasd:Connection>net0<", "<rasd:Connection>net9<")]
    [InlineData("<rasd:HostResource>ovf:/disk/vmdisk2<", "<rasd:HostResource>ovf:/disk/vmdisk1<")]
    [InlineData("<rasd:HostResource>ovf:/disk/vmdisk2<", "<rasd:HostResource>vmdisk2<")]
    [InlineData("<rasd:InstanceID>2<", "<rasd:InstanceID>1<")]
    [InlineData("<rasd:Parent>3<", "<rasd:Parent>1<")]
    [InlineData("<rasd:AddressOnParent>1<", "<rasd:AddressOnParent>0<")]
    [InlineData("<rasd:ResourceType>3</rasd:ResourceType>", "")]
    [InlineData("<rasd:VirtualQuantity>2<", "<rasd:VirtualQuantity>two<")]
    [InlineData("<rasd:AutomaticAllocation>false<", "<rasd:AutomaticAllocation>no<")]
    [InlineData("<rasd:ElementName>512MB of memory</rasd:ElementName>", "<rasd:Name>512MB of memory</rasd:Name>")]
    [InlineData("<rasd:AllocationUnits>", "<rasd:Weight>1</rasd:Weight><rasd:AllocationUnits>")]
    [InlineData("<ovf:Annotation>text</ovf:Annotation>", "")]
    [InlineData("<vmw:Config ovf:required=\"false\"", "<vmw:Config ovf:required=\"no\"")]
    [InlineData("<ovf:OperatingSystemSection ovf:id=\"102\"", "<ovf:OperatingSystemSection")]
    public void A_broken_rule_is_found(string from, string to)
    {
        var descriptor = Describe(2, 1, 1);
        Assert.Contains(from, descriptor, StringComparison.Ordinal);
        var broken = descriptor.Replace(from, to, StringComparison.Ordinal);
        XDocument.Parse(broken);
        Assert.Throws<XmlException>(() => Check(broken, 2));
    }

    private static string Describe(int disks, int adapters, int drives) => new OvfDescription("web1", 2, 512 << 20)
    {
        Annotation = "text",
        CoresPerSocket = 2,
        IsEfi = true,
        IsSecureBoot = true,
        Adapters = [.. Enumerable.Range(0, adapters).Select(i => $"net{i / 2}")],
        CdDrives = drives,
    }.Write([.. Enumerable.Range(0, disks).Select(i => new PackageFile(new Unread(), $"web1-disk-{i}.vmdk", 1000 + i, new Dictionary<string, string>()) { Capacity = 8 << 20 })]);

    private static void Check(string descriptor, int disks) => StrictOvf.Check(
        [new("web1.ovf", descriptor.Length, descriptor), .. Enumerable.Range(0, disks).Select(i => new PackagedFile($"web1-disk-{i}.vmdk", 1000 + i, null))]);

    private sealed record Unread() : ExportedFile("disk.vmdk", ExportedForm.Raw, 8 << 20)
    {
        public override Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

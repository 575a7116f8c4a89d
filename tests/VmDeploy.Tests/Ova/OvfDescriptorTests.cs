using System.Text;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

public class OvfDescriptorTests
{
    private const string Options = """
        <DeploymentOptionSection><Info/>
          <Configuration ovf:id="small"><Label>Small</Label><Description>For tests</Description></Configuration>
          <Configuration ovf:id="large" ovf:default="true"><Label ovf:msgid="large.label">?</Label><Description/></Configuration>
        </DeploymentOptionSection>
        <Strings xml:lang="de-DE"><Msg ovf:msgid="large.label">Gross</Msg></Strings>
        <Strings xml:lang="en-US"><Msg ovf:msgid="large.label">Large</Msg><Msg ovf:msgid="eula">Be nice.</Msg></Strings>
        """;

    [Fact]
    public void The_parts_of_a_usual_descriptor_are_read()
    {
        var ovf = Parse(new OvaBuilder { Networks = ["VM Network", "Storage"], CpuCount = 2, MemoryMB = 512 });
        Assert.Equal(new OvfFileReference("file1", "disk1.vmdk", 270840, null, null), ovf.References.Single());
        var disk = ovf.Disks.Single();
        Assert.Equal(("vmdisk1", "file1", 192 * 1024L), (disk.DiskId, disk.FileRef, disk.CapacityBytes));
        Assert.Equal([new("VM Network", "The VM Network network"), new OvfNetwork("Storage", "The Storage network")], ovf.Networks);
        Assert.Equal(("test-vm", "test-vm", 94, "ubuntu64Guest"), (ovf.Name, ovf.SystemId, ovf.OsId, ovf.OsType));

        var hardware = ovf.GetHardware(null);
        Assert.Equal((2, 512L << 20, false, false), (hardware.CpuCount, hardware.MemoryBytes, hardware.IsEfi, hardware.IsSecureBoot));
        Assert.Equal(["vmx-10"], hardware.SystemTypes);
        var attached = hardware.Disks.Single();
        Assert.Same(disk, attached.Disk);
        Assert.Equal(new OvfController("3", OvfBus.Scsi, "lsilogic", null), attached.Controller);
        Assert.Equal([("VM Network", "VmxNet3"), ("Storage", "VmxNet3")], hardware.Nics.Select(nic => (nic.NetworkName, nic.SubType)));
        Assert.Null(ovf.GetDeploymentOption(null));
    }

    [Fact]
    public void Version_2_with_its_own_kinds_of_item_is_read()
    {
        var ovf = OvfDescriptor.Parse("""
            <ovf:Envelope xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/2" xmlns:sasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_StorageAllocationSettingData.xsd"
                xmlns:epasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_EthernetPortAllocationSettingData.xsd" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData">
              <ovf:References/>
              <ovf:DiskSection><ovf:Info/><ovf:Disk ovf:diskId="d" ovf:capacity="3" ovf:capacityAllocationUnits="byte * 2^30"/></ovf:DiskSection>
              <ovf:VirtualSystem ovf:id="v2"><ovf:Info/>
                <ovf:VirtualHardwareSection><ovf:Info/>
                  <ovf:Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>20</rasd:ResourceType><rasd:ResourceSubType>vmware.nvme.controller</rasd:ResourceSubType></ovf:Item>
                  <ovf:StorageItem><sasd:HostResource>ovf:/disk/d</sasd:HostResource><sasd:InstanceID>2</sasd:InstanceID><sasd:Parent>1</sasd:Parent><sasd:ResourceType>17</sasd:ResourceType></ovf:StorageItem>
                  <ovf:EthernetPortItem><epasd:Address>00:50:56:00:00:01</epasd:Address><epasd:Connection>n</epasd:Connection><epasd:InstanceID>3</epasd:InstanceID><epasd:ResourceType>10</epasd:ResourceType></ovf:EthernetPortItem>
                </ovf:VirtualHardwareSection>
              </ovf:VirtualSystem>
            </ovf:Envelope>
            """, "v2.ovf");
        var hardware = ovf.GetHardware(null);
        Assert.Equal((3L << 30, OvfBus.Nvme), (hardware.Disks.Single().Disk.CapacityBytes!.Value, hardware.Disks.Single().Controller!.Bus));
        Assert.Null(hardware.Disks.Single().Disk.FileRef);
        Assert.Equal(new OvfNic("n", null, null, "00:50:56:00:00:01"), hardware.Nics.Single());
        Assert.Null(ovf.Name);
    }

    [Fact]
    public void Version_0_9_with_its_typed_sections_is_read()
    {
        var ovf = OvfDescriptor.Parse("""
            <Envelope xmlns="http://www.vmware.com/schema/ovf/1/envelope" xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
              <References><File ovf:id="file1" ovf:href="old.vmdk"/></References>
              <Section xsi:type="ovf:DiskSection_Type"><Disk ovf:capacity="1073741824" ovf:diskId="vmdisk1" ovf:fileRef="file1"/></Section>
              <Section xsi:type="ovf:NetworkSection_Type"><Network ovf:name="bridged"/></Section>
              <Content ovf:id="old" xsi:type="ovf:VirtualSystem_Type">
                <Section xsi:type="ovf:EulaSection_Type"><License>Old terms</License></Section>
                <Section xsi:type="ovf:VirtualHardwareSection_Type">
                  <System><vssd:VirtualSystemType>vmx-4,vmx-7</vssd:VirtualSystemType></System>
                  <Item><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>4</rasd:VirtualQuantity></Item>
                  <Item><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>256</rasd:VirtualQuantity></Item>
                  <Item><rasd:HostResource>disk/vmdisk1</rasd:HostResource><rasd:InstanceId>5</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType></Item>
                </Section>
              </Content>
            </Envelope>
            """, "old.ovf");
        var hardware = ovf.GetHardware(null);
        Assert.Equal((4, 256L << 20), (hardware.CpuCount, hardware.MemoryBytes));
        Assert.Equal(["vmx-4", "vmx-7"], hardware.SystemTypes);
        Assert.Equal("file1", hardware.Disks.Single().Disk.FileRef);
        Assert.Equal("bridged", ovf.Networks.Single().Name);
        Assert.Equal(["Old terms"], ovf.Eulas);
    }

    [Fact]
    public void Deployment_options_change_the_hardware()
    {
        var ovf = Parse(new OvaBuilder
        {
            EnvelopeSections = Options,
            // A bound is not a device, in any position.
            EditDescriptor = xml => xml.Replace("</System>",
                "</System><Item ovf:bound=\"max\"><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>"),
            HardwareExtras = OvaBuilder.Item(1, 3, "CPU", quantity: 8, configuration: "large huge")
                + OvaBuilder.Item(2, 4, "Memory", quantity: 1, units: "byte * 2^30", configuration: "large")
                + OvaBuilder.Item(99, 10, "Extra", connection: "VM Network", configuration: "small"),
        });
        Assert.Equal([new("small", "Small", "For tests", false), new OvfDeploymentOption("large", "Large", null, true)], ovf.DeploymentOptions);
        OvfHardware large = ovf.GetHardware(null), small = ovf.GetHardware("SMALL");
        Assert.Equal((8, 1L << 30, 1), (large.CpuCount, large.MemoryBytes, large.Nics.Count));
        Assert.Equal((1, 64L << 20, 2), (small.CpuCount, small.MemoryBytes, small.Nics.Count));
        Assert.Equal(large.CpuCount, ovf.GetHardware("large").CpuCount);

        var error = Assert.Throws<VmDeployException>(() => ovf.GetHardware("medium"));
        Assert.Equal(ErrorCodes.OvfDeploymentOptionUnknown, error.Code);
        Assert.Contains("Available: 'large', 'small'.", error.Message);
    }

    [Fact]
    public void Licence_texts_come_from_the_string_bundle_where_they_refer_to_one()
    {
        var ovf = Parse(new OvaBuilder
        {
            EnvelopeSections = Options,
            EulaSections = "<EulaSection><Info/><License ovf:msgid=\"eula\">?</License></EulaSection>"
                + "<EulaSection><Info/><License>\n  Second terms.\n</License></EulaSection><EulaSection><Info/><License ovf:msgid=\"unknown\">Third.</License></EulaSection>",
        });
        Assert.Equal(["Be nice.", "Second terms.", "Third."], ovf.Eulas);
    }

    [Fact]
    public void Firmware_comes_from_vmware_and_virtualbox_settings()
    {
        var efi = Parse(new OvaBuilder
        {
            HardwareExtras = "<vmw:Config ovf:required=\"false\" vmw:key=\"firmware\" vmw:value=\"efi\"/>"
                + "<vmw:Config vmw:key=\"bootOptions.efiSecureBootEnabled\" vmw:value=\"true\"/><vmw:ExtraConfig vmw:key=\"guestinfo.x\" vmw:value=\"1\"/>",
        }).GetHardware(null);
        Assert.True(efi.IsEfi && efi.IsSecureBoot);
        Assert.Equal("1", efi.ExtraConfig["guestinfo.x"]);
        Assert.Equal("efi", efi.Config["firmware"]);

        var box = Parse(new OvaBuilder
        {
            EulaSections = "<v:Machine xmlns:v=\"http://www.virtualbox.org/ovf/machine\"><v:Hardware><v:Firmware type=\"EFI\"/></v:Hardware></v:Machine>",
        }).GetHardware(null);
        Assert.True(box.IsEfi);
        Assert.False(box.IsSecureBoot);
    }

    [Fact]
    public void Disks_stand_in_the_order_of_bus_address_and_unit_and_drives_apart()
    {
        string Ide(int id, int address) =>
            $"<Item><rasd:Address>{address}</rasd:Address><rasd:InstanceID>{id}</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>";
        var hardware = Parse(new OvaBuilder
        {
            Disks = [],
            OtherFiles = [("boot.iso", [])],
            EnvelopeSections = "<DiskSection><Info/>" + string.Concat("abcde".Select(id => $"<Disk ovf:diskId=\"{id}\" ovf:capacity=\"1\" ovf:capacityAllocationUnits=\"GigaBytes\"/>")) + "</DiskSection>",
            HardwareExtras = Ide(20, 1) + Ide(21, 0)
                + OvaBuilder.Item(29, 17, "e", addressOnParent: 0, hostResource: "ovf:/disk/e", parent: 20)
                + OvaBuilder.Item(30, 17, "d", addressOnParent: 1, hostResource: "ovf:/disk/d", parent: 21)
                + OvaBuilder.Item(31, 17, "b", addressOnParent: 1, hostResource: "ovf:/disk/b", parent: 3)
                + OvaBuilder.Item(32, 17, "a", addressOnParent: 0, hostResource: "ovf:/disk/a", parent: 3)
                + OvaBuilder.Item(33, 17, "c", addressOnParent: 0, hostResource: "ovf:/disk/c", parent: 21)
                + OvaBuilder.Item(34, 15, "CD", addressOnParent: 0, hostResource: "ovf:/file/other1", parent: 20)
                + OvaBuilder.Item(35, 15, "CD", addressOnParent: 1, parent: 20),
        }).GetHardware(null);
        Assert.Equal("abcde", string.Concat(hardware.Disks.Select(disk => disk.Disk.DiskId)));
        Assert.All(hardware.Disks, disk => Assert.Equal(1L << 30, disk.Disk.CapacityBytes));
        Assert.Equal([("other1", 0), (null, 1)], hardware.Drives.Select(drive => (drive.FileRef, drive.Unit)));
        Assert.Equal("20", hardware.Drives[0].Controller?.InstanceId);
    }

    [Theory]
    [InlineData("2048", null, 2048L)]
    [InlineData("8", "byte", 8L)]
    [InlineData("8", "byte * 2^20", 8L << 20)]
    [InlineData("8", "byte*2^30", 8L << 30)]
    [InlineData("8", "byte * 10^9", 8_000_000_000L)]
    [InlineData("8", "byte * 1024", 8L << 10)]
    [InlineData("8", "byte * 2 ^ 10 * 2^10", 8L << 20)]
    [InlineData("8", "bytes", 8L)]
    [InlineData("8", "MegaBytes", 8L << 20)]
    [InlineData("8", "GB", 8L << 30)]
    [InlineData("9223372036854775807", "byte", long.MaxValue)]
    public void Capacities_are_counted_in_bytes(string capacity, string? units, long expected) =>
        Assert.Equal(expected, Parse(WithCapacity(capacity, units)).Disks.Single().CapacityBytes);

    [Theory]
    [InlineData("8", "furlong")]
    [InlineData("8", "byte * 2^99")]
    [InlineData("9223372036854775807", "byte * 2^20")]
    [InlineData("8", "byte * 999999999999999999^2 * 999999999999999999")]
    [InlineData("-8", "byte")]
    [InlineData("8.5", "byte")]
    [InlineData("99999999999999999999", "byte")]
    [InlineData("", "byte")]
    public void Capacities_that_are_none_are_named(string capacity, string units)
    {
        var error = Assert.Throws<VmDeployException>(() => Parse(WithCapacity(capacity, units)));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains("vmdisk1", error.Message);
        Assert.Contains(units, error.Message);
    }

    [Fact]
    public void A_capacity_can_be_left_to_a_property()
    {
        var builder = WithCapacity("${disk.gb}", "byte * 2^30");
        Assert.Null(Parse(builder).Disks.Single().CapacityBytes);
        var ovf = Parse(builder with { ProductSections = "<ProductSection><Info/><Property ovf:key=\"disk.gb\" ovf:type=\"uint16\" ovf:value=\"5\"/></ProductSection>" });
        Assert.Equal(5L << 30, ovf.Disks.Single().CapacityBytes);
    }

    [Theory]
    [InlineData("", "Root element")]
    [InlineData("<Envelope", "x.ovf")]
    [InlineData("<Envelope/>", "not an OVF envelope")]
    [InlineData("<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", "'html'")]
    [InlineData("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"/>", "no VirtualSystem")]
    [InlineData("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"><References><File id=\"a\"/></References><VirtualSystem/></Envelope>", "no href")]
    [InlineData("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"><References><File id=\"a\" href=\"b\"/><File id=\"a\" href=\"c\"/></References><VirtualSystem/></Envelope>", "two files have the id 'a'")]
    [InlineData("<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\"><DiskSection><Disk diskId=\"d\" fileRef=\"nope\"/></DiskSection><VirtualSystem/></Envelope>", "'nope'")]
    public void What_is_no_OVF_is_told_why(string xml, string expected)
    {
        var error = Assert.Throws<VmDeployException>(() => OvfDescriptor.Parse(xml, "x.ovf"));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains(expected, error.Message);
        Assert.Contains("x.ovf", error.Message);
    }

    [Fact]
    public void Hardware_that_names_an_unknown_disk_is_malformed()
    {
        var ovf = Parse(new OvaBuilder { HardwareExtras = OvaBuilder.Item(40, 17, "x", hostResource: "ovf:/disk/ghost") });
        var error = Assert.Throws<VmDeployException>(() => ovf.GetHardware(null));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains("ghost", error.Message);
    }

    [Theory]
    [InlineData("<!DOCTYPE Envelope>")]
    [InlineData("<!DOCTYPE Envelope SYSTEM \"http://127.0.0.1:1/x.dtd\">")]
    public void Document_types_are_refused(string declaration)
    {
        var error = Assert.Throws<VmDeployException>(() => OvfDescriptor.Parse(declaration + "<Envelope/>", "x.ovf"));
        Assert.Equal(ErrorCodes.OvfHasDtd, error.Code);
    }

    [Fact]
    public void Deep_and_broad_documents_end_in_an_answer()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 500_000)) + string.Concat(Enumerable.Repeat("</a>", 500_000));
        Assert.Throws<VmDeployException>(() => Parse(new OvaBuilder { EulaSections = deep }));
        var broad = string.Concat(Enumerable.Range(0, 2000).Select(i => $"<File ovf:id=\"x{i}\" ovf:href=\"x\"/>"));
        Assert.Throws<VmDeployException>(() => Parse(new OvaBuilder { EditDescriptor = xml => xml.Replace("<References>", "<References>" + broad) }));
    }

    [Fact]
    public void Product_and_annotation_are_read()
    {
        var ovf = Parse(new OvaBuilder
        {
            ProductSections = "<ProductSection><Info/></ProductSection><ProductSection><Info/><Product>Gadget</Product><Vendor>ACME</Vendor><FullVersion>1.2.3-4</FullVersion></ProductSection>"
                + "<AnnotationSection><Info/><Annotation> Handle with care. </Annotation></AnnotationSection>",
        });
        Assert.Equal(("Gadget", "ACME", "1.2.3-4", "Handle with care."), (ovf.Product, ovf.Vendor, ovf.Version, ovf.Annotation));
    }

    private static OvaBuilder WithCapacity(string capacity, string? units) => new()
    {
        EditDescriptor = xml => xml.Replace("ovf:capacity=\"196608\"", $"ovf:capacity=\"{capacity}\"" + (units is null ? "" : $" ovf:capacityAllocationUnits=\"{units}\"")),
    };

    private static OvfDescriptor Parse(OvaBuilder builder)
    {
        var content = builder.Entries().Single(entry => entry.Name.EndsWith(".ovf", StringComparison.Ordinal)).Content;
        return OvfDescriptor.Parse(Encoding.UTF8.GetString(content), "test-vm.ovf");
    }
}

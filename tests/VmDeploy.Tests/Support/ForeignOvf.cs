namespace VmDeploy.Tests.Support;

/// <summary>Descriptors as other programs write them, for a package with the files disk1.vmdk, disk2.vmdk ...</summary>
internal static class ForeignOvf
{
    private const string Namespaces = """
        xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
        """;

    /// <summary>What VirtualBox 7 exports as OVF 1.0, with its default devices.</summary>
    public const string VirtualBox = $"""
        <?xml version="1.0"?>
        <Envelope ovf:version="1.0" xml:lang="en-US" xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" {Namespaces} xmlns:vbox="http://www.virtualbox.org/ovf/machine">
          <References><File ovf:id="file1" ovf:href="disk1.vmdk"/></References>
          <DiskSection><Info>List of the virtual disks used in the package</Info>
            <Disk ovf:capacity="196608" ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized" vbox:uuid="7f2d4d3e-5cfb-4f0a-8b5e-7a3c3d0c2b11"/>
          </DiskSection>
          <NetworkSection><Info>Logical networks used in the package</Info>
            <Network ovf:name="NAT"><Description>Logical network used by this appliance.</Description></Network>
          </NetworkSection>
          <VirtualSystem ovf:id="vbox">
            <Info>A virtual machine</Info>
            <OperatingSystemSection ovf:id="94"><Info>The kind of installed guest operating system</Info><Description>Ubuntu_64</Description><vbox:OSType ovf:required="false">Ubuntu_64</vbox:OSType></OperatingSystemSection>
            <VirtualHardwareSection>
              <Info>Virtual hardware requirements for a virtual machine</Info>
              <System><vssd:ElementName>Virtual Hardware Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemIdentifier>vbox</vssd:VirtualSystemIdentifier><vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType></System>
              <Item><rasd:Caption>1 virtual CPU</rasd:Caption><rasd:Description>Number of virtual CPUs</rasd:Description><rasd:ElementName>1 virtual CPU</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
              <Item><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:Caption>64 MB of memory</rasd:Caption><rasd:ElementName>64 MB of memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>
              <Item><rasd:Address>0</rasd:Address><rasd:Caption>ideController0</rasd:Caption><rasd:Description>IDE Controller</rasd:Description><rasd:ElementName>ideController0</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>PIIX4</rasd:ResourceSubType><rasd:ResourceType>5</rasd:ResourceType></Item>
              <Item><rasd:Address>1</rasd:Address><rasd:Caption>ideController1</rasd:Caption><rasd:Description>IDE Controller</rasd:Description><rasd:ElementName>ideController1</rasd:ElementName><rasd:InstanceID>4</rasd:InstanceID><rasd:ResourceSubType>PIIX4</rasd:ResourceSubType><rasd:ResourceType>5</rasd:ResourceType></Item>
              <Item><rasd:Address>0</rasd:Address><rasd:Caption>sataController0</rasd:Caption><rasd:Description>SATA Controller</rasd:Description><rasd:ElementName>sataController0</rasd:ElementName><rasd:InstanceID>5</rasd:InstanceID><rasd:ResourceSubType>AHCI</rasd:ResourceSubType><rasd:ResourceType>20</rasd:ResourceType></Item>
              <Item><rasd:AddressOnParent>3</rasd:AddressOnParent><rasd:AutomaticAllocation>false</rasd:AutomaticAllocation><rasd:Caption>sound</rasd:Caption><rasd:Description>Sound Card</rasd:Description><rasd:ElementName>sound</rasd:ElementName><rasd:InstanceID>6</rasd:InstanceID><rasd:ResourceSubType>ensoniq1371</rasd:ResourceSubType><rasd:ResourceType>35</rasd:ResourceType></Item>
              <Item><rasd:Address>0</rasd:Address><rasd:Caption>usb</rasd:Caption><rasd:Description>USB Controller</rasd:Description><rasd:ElementName>usb</rasd:ElementName><rasd:InstanceID>7</rasd:InstanceID><rasd:ResourceType>23</rasd:ResourceType></Item>
              <Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:Caption>disk2</rasd:Caption><rasd:Description>Disk Image</rasd:Description><rasd:ElementName>disk2</rasd:ElementName><rasd:HostResource>/disk/vmdisk1</rasd:HostResource><rasd:InstanceID>8</rasd:InstanceID><rasd:Parent>5</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>
              <Item><rasd:AddressOnParent>0</rasd:AddressOnParent><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:Caption>cdrom1</rasd:Caption><rasd:Description>CD-ROM Drive</rasd:Description><rasd:ElementName>cdrom1</rasd:ElementName><rasd:InstanceID>9</rasd:InstanceID><rasd:Parent>4</rasd:Parent><rasd:ResourceType>15</rasd:ResourceType></Item>
              <Item><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:Caption>Ethernet adapter on 'NAT'</rasd:Caption><rasd:Connection>NAT</rasd:Connection><rasd:ElementName>Ethernet adapter on 'NAT'</rasd:ElementName><rasd:InstanceID>10</rasd:InstanceID><rasd:ResourceSubType>E1000</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
            </VirtualHardwareSection>
            <vbox:Machine ovf:required="false" version="1.19-linux" uuid="5cb7a0f5-0f0e-4d53-9d2e-0f3a6a0a1e55" name="vbox"><ovf:Info>Complete VirtualBox machine configuration in VirtualBox format</ovf:Info><Hardware><Memory RAMSize="64"/></Hardware></vbox:Machine>
          </VirtualSystem>
        </Envelope>
        """;

    /// <summary>What VMware's first tools wrote.</summary>
    public const string Version09 = $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Envelope xmlns="http://www.vmware.com/schema/ovf/1/envelope" xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" {Namespaces} ovf:version="0.9">
          <References><File ovf:href="disk1.vmdk" ovf:id="file1" ovf:size="1"/></References>
          <Section xsi:type="ovf:DiskSection_Type"><Info>List of the virtual disks</Info>
            <Disk ovf:capacity="196608" ovf:diskId="vmdisk1" ovf:fileRef="ovf://file/file1" ovf:format="http://www.vmware.com/specifications/vmdk.html#compressed"/>
          </Section>
          <Section xsi:type="ovf:NetworkSection_Type"><Info>Networks</Info><Network ovf:name="NAT"><Description>The NAT network</Description></Network></Section>
          <Content ovf:id="old" xsi:type="ovf:VirtualSystem_Type">
            <Info>A virtual machine</Info>
            <Section ovf:id="80" xsi:type="ovf:OperatingSystemSection_Type"><Info>Guest</Info><Description>Red Hat</Description></Section>
            <Section xsi:type="ovf:VirtualHardwareSection_Type">
              <Info>1 virtual CPU</Info>
              <System><vssd:InstanceId>0</vssd:InstanceId><vssd:VirtualSystemIdentifier>old</vssd:VirtualSystemIdentifier><vssd:VirtualSystemType>vmx-7</vssd:VirtualSystemType></System>
              <Item><rasd:Caption>1 virtual CPU</rasd:Caption><rasd:InstanceId>1</rasd:InstanceId><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
              <Item><rasd:Caption>64 MB of memory</rasd:Caption><rasd:InstanceId>2</rasd:InstanceId><rasd:ResourceType>4</rasd:ResourceType><rasd:AllocationUnits>MegaBytes</rasd:AllocationUnits><rasd:VirtualQuantity>64</rasd:VirtualQuantity></Item>
              <Item><rasd:Caption>SCSI Controller 0</rasd:Caption><rasd:InstanceId>3</rasd:InstanceId><rasd:ResourceType>6</rasd:ResourceType><rasd:ResourceSubType>LsiLogic</rasd:ResourceSubType><rasd:BusNumber>0</rasd:BusNumber></Item>
              <Item><rasd:Caption>Hard disk 1</rasd:Caption><rasd:InstanceId>4</rasd:InstanceId><rasd:ResourceType>17</rasd:ResourceType><rasd:HostResource>disk/vmdisk1</rasd:HostResource><rasd:Parent>3</rasd:Parent><rasd:AddressOnParent>0</rasd:AddressOnParent></Item>
              <Item><rasd:Caption>Network adapter</rasd:Caption><rasd:InstanceId>5</rasd:InstanceId><rasd:ResourceType>10</rasd:ResourceType><rasd:ResourceSubType>PCNet32</rasd:ResourceSubType><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:Connection>NAT</rasd:Connection></Item>
            </Section>
          </Content>
        </Envelope>
        """;

    /// <summary>What Xen Orchestra exports: all disks on one IDE controller, and ids that are words.</summary>
    public static string XenOrchestra(int disks)
    {
        var numbers = Enumerable.Range(1, disks).ToList();
        return $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" {Namespaces} xmlns:vmw="http://www.vmware.com/schema/ovf">
          <References>{string.Concat(numbers.Select(i => $"""<File ovf:href="disk{i}.vmdk" ovf:id="file{i}"/>"""))}</References>
          <DiskSection><Info>Virtual disk information</Info>{string.Concat(numbers.Select(i => $"""<Disk ovf:capacity="196608" ovf:capacityAllocationUnits="byte" ovf:diskId="vmdisk{i}" ovf:fileRef="file{i}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>"""))}</DiskSection>
          <NetworkSection><Info>The list of logical networks</Info><Network ovf:name="NAT"><Description>The NAT network</Description></Network></NetworkSection>
          <VirtualSystem ovf:id="vm"><Info>A virtual machine</Info><Name>xo</Name>
            <OperatingSystemSection ovf:id="1"><Info>The kind of installed guest operating system</Info></OperatingSystemSection>
            <VirtualHardwareSection><Info>Virtual hardware requirements</Info>
              <System><vssd:ElementName>Virtual Hardware Family</vssd:ElementName><vssd:InstanceID>0</vssd:InstanceID><vssd:VirtualSystemIdentifier>xo</vssd:VirtualSystemIdentifier><vssd:VirtualSystemType>vmx-11</vssd:VirtualSystemType></System>
              <Item><rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits><rasd:Description>Number of Virtual CPUs</rasd:Description><rasd:ElementName>1 virtual CPU(s)</rasd:ElementName><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>1</rasd:VirtualQuantity></Item>
              <Item><rasd:AllocationUnits>byte</rasd:AllocationUnits><rasd:Description>Memory Size</rasd:Description><rasd:ElementName>Memory</rasd:ElementName><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>67108864</rasd:VirtualQuantity></Item>
              <Item><rasd:Address>0</rasd:Address><rasd:ElementName>IDE 0</rasd:ElementName><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceType>5</rasd:ResourceType></Item>
              {string.Concat(numbers.Select(i => $"<Item><rasd:AddressOnParent>{i - 1}</rasd:AddressOnParent><rasd:ElementName>Hard Disk {i}</rasd:ElementName><rasd:HostResource>ovf:/disk/vmdisk{i}</rasd:HostResource><rasd:InstanceID>vmdisk{i}</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>"))}
              <Item><rasd:AutomaticAllocation>true</rasd:AutomaticAllocation><rasd:Connection>NAT</rasd:Connection><rasd:ElementName>Network adapter 1</rasd:ElementName><rasd:InstanceID>nic0</rasd:InstanceID><rasd:ResourceSubType>PCNet32</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
            </VirtualHardwareSection>
          </VirtualSystem>
        </Envelope>
        """;
    }

    /// <summary>A usual descriptor that is rewritten with the items of OVF 2, and perhaps its namespace.</summary>
    public static string Version2(string xml, bool ownNamespace) =>
        System.Text.RegularExpressions.Regex.Replace(
            System.Text.RegularExpressions.Regex.Replace(ownNamespace ? xml.Replace("/ovf/envelope/1", "/ovf/envelope/2") : xml,
                "<Item>((?:(?!</Item>).)*<rasd:ResourceType>17<(?:(?!</Item>).)*)</Item>", Rename("StorageItem", "sasd", "CIM_StorageAllocationSettingData.xsd")),
            "<Item>((?:(?!</Item>).)*<rasd:ResourceType>10<(?:(?!</Item>).)*)</Item>", Rename("EthernetPortItem", "epasd", "CIM_EthernetPortAllocationSettingData.xsd"));

    private static System.Text.RegularExpressions.MatchEvaluator Rename(string element, string prefix, string schema) =>
        item => $"<{element} xmlns:{prefix}=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/{schema}\">{item.Groups[1].Value.Replace("rasd:", prefix + ":")}</{element}>";
}

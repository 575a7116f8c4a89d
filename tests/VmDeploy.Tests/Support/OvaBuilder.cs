using System.Formats.Tar;
using System.IO.Compression;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace VmDeploy.Tests.Support;

/// <summary>How a disk file is gzip'ed.</summary>
internal enum OvaGzip
{
    None,
    Declared,
    Silent,
}

/// <summary>A disk of an <see cref="OvaBuilder"/>.</summary>
/// <param name="FileName">Its <c>ovf:href</c>.</param>
/// <param name="Content">Its bytes as a host should get them.</param>
/// <param name="CapacityBytes">Its virtual size.</param>
internal sealed record OvaBuilderDisk(string FileName, byte[] Content, long CapacityBytes = 192 * 1024);

/// <summary>Creates packages for tests: a valid one by default, and each fault by an option.</summary>
internal sealed record OvaBuilder
{
    public string Name { get; init; } = "test-vm";

    public IReadOnlyList<OvaBuilderDisk> Disks { get; init; } = [new("disk1.vmdk", StreamVmdk.Sample())];

    public IReadOnlyList<string> Networks { get; init; } = ["VM Network"];

    /// <summary>Files that the descriptor references beside the disks (ISO, nvram).</summary>
    public IReadOnlyList<(string Name, byte[] Content)> OtherFiles { get; init; } = [];

    /// <summary>XML of ProductSection elements, put into the virtual system.</summary>
    public string ProductSections { get; init; } = "";

    /// <summary>XML of EulaSection elements, put into the virtual system.</summary>
    public string EulaSections { get; init; } = "";

    /// <summary>XML of envelope sections (DeploymentOptionSection, Strings), put before the virtual system.</summary>
    public string EnvelopeSections { get; init; } = "";

    /// <summary>XML at the end of the virtual hardware section.</summary>
    public string HardwareExtras { get; init; } = "";

    public int CpuCount { get; init; } = 1;

    public int MemoryMB { get; init; } = 64;

    /// <summary>Digest of the manifest, or null for no manifest.</summary>
    public string? Manifest { get; init; } = "SHA256";

    /// <summary>The manifest comes after the disks.</summary>
    public bool ManifestLast { get; init; }

    /// <summary>Signs the manifest with this certificate and its RSA key.</summary>
    public X509Certificate2? Signer { get; init; }

    /// <summary>The file whose digest in the manifest is wrong.</summary>
    public string? WrongDigest { get; init; }

    /// <summary>A file that is left out of the package.</summary>
    public string? Omit { get; init; }

    /// <summary>A file that is left out of the manifest.</summary>
    public string? Unlisted { get; init; }

    /// <summary>Splits disks into parts of this many bytes.</summary>
    public int? ChunkSize { get; init; }

    public OvaGzip Gzip { get; init; }

    public TarEntryFormat Format { get; init; } = TarEntryFormat.Ustar;

    /// <summary>Changes the descriptor's text at the end.</summary>
    public Func<string, string>? EditDescriptor { get; init; }

    /// <summary>Changes the manifest's text at the end.</summary>
    public Func<string, string>? EditManifest { get; init; }

    /// <summary>The files of the package in their order.</summary>
    public IReadOnlyList<(string Name, byte[] Content)> Entries()
    {
        var files = Disks.SelectMany(disk => Split(disk.FileName, Stored(disk))).Concat(OtherFiles).ToList();
        var xml = Descriptor();
        var descriptor = (Name: Name + ".ovf", Content: Encoding.UTF8.GetBytes(EditDescriptor?.Invoke(xml) ?? xml));

        var metadata = new List<(string, byte[])>();
        if (Manifest is not null)
        {
            var manifest = string.Concat(files.Prepend(descriptor).Where(file => file.Name != Unlisted).Select(ManifestLine));
            var bytes = Encoding.UTF8.GetBytes(EditManifest?.Invoke(manifest) ?? manifest);
            metadata.Add((Name + ".mf", bytes));
            if (Signer is not null)
                metadata.Add((Name + ".cert", Encoding.ASCII.GetBytes(Certificate(bytes))));
        }
        IEnumerable<(string Name, byte[] Content)> all = ManifestLast
            ? files.Prepend(descriptor).Concat(metadata)
            : metadata.Prepend(descriptor).Concat(files);
        return all.Where(file => file.Name != Omit).ToList();
    }

    public byte[] ToOva()
    {
        var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, Format, leaveOpen: true))
        {
            foreach ((var name, var content) in Entries())
            {
                TarEntry entry = Format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                    _ => new UstarTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = new MemoryStream(content);
                writer.WriteEntry(entry);
            }
        }
        return archive.ToArray();
    }

    /// <summary>Writes the package as an archive and returns its path.</summary>
    public string WriteOva(TempFolder folder, string? fileName = null) => folder.Write(fileName ?? Name + ".ova", ToOva());

    /// <summary>Writes the package as files in a folder and returns the descriptor's path.</summary>
    public string WriteFolder(TempFolder folder)
    {
        foreach ((var name, var content) in Entries())
            folder.Write(name, content);
        return folder[Name + ".ovf"];
    }

    private byte[] Stored(OvaBuilderDisk disk)
    {
        if (Gzip == OvaGzip.None)
            return disk.Content;
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(disk.Content);
        return packed.ToArray();
    }

    private IEnumerable<(string Name, byte[] Content)> Split(string name, byte[] content) => ChunkSize is { } size
        ? content.Chunk(size).Select((part, i) => ($"{name}.{i:D9}", part))
        : [(name, content)];

    private string ManifestLine((string Name, byte[] Content) file)
    {
        var digest = CryptographicOperations.HashData(new HashAlgorithmName(Manifest!), file.Content);
        if (file.Name == WrongDigest)
            digest[0] ^= 0xFF;
        return $"{Manifest}({file.Name})= {Convert.ToHexStringLower(digest)}\n";
    }

    private string Certificate(byte[] manifest)
    {
        using var key = Signer!.GetRSAPrivateKey()!;
        var signature = key.SignData(manifest, new HashAlgorithmName(Manifest!), RSASignaturePadding.Pkcs1);
        return $"{Manifest}({Name}.mf)= {Convert.ToHexStringLower(signature)}\n{Signer!.ExportCertificatePem()}\n";
    }

    private string Descriptor()
    {
        var chunk = ChunkSize is { } size ? $" ovf:chunkSize=\"{size}\"" : "";
        var gzip = Gzip == OvaGzip.Declared ? " ovf:compression=\"gzip\"" : "";
        // ovf:size is wrong on purpose: nothing may trust it.
        var files = string.Concat(
            Disks.Select((disk, i) => $"<File ovf:id=\"file{i + 1}\" ovf:href=\"{Escape(disk.FileName)}\" ovf:size=\"270840\"{chunk}{gzip}/>")
            .Concat(OtherFiles.Select((file, i) => $"<File ovf:id=\"other{i + 1}\" ovf:href=\"{Escape(file.Name)}\"/>")));
        var disks = string.Concat(Disks.Select((disk, i) =>
            $"<Disk ovf:diskId=\"vmdisk{i + 1}\" ovf:fileRef=\"file{i + 1}\" ovf:capacity=\"{disk.CapacityBytes}\" "
            + "ovf:format=\"http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized\"/>"));
        var networks = string.Concat(Networks.Select(network =>
            $"<Network ovf:name=\"{Escape(network)}\"><Description>The {Escape(network)} network</Description></Network>"));
        var diskItems = string.Concat(Disks.Select((_, i) => Item(10 + i, 17, $"Hard disk {i + 1}",
            addressOnParent: i, hostResource: $"ovf:/disk/vmdisk{i + 1}", parent: 3)));
        var nicItems = string.Concat(Networks.Select((network, i) => Item(50 + i, 10, $"Network adapter {i + 1}",
            addressOnParent: 7 + i, connection: network, subType: "VmxNet3")));
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"
                      xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1"
                      xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
                      xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData"
                      xmlns:vmw="http://www.vmware.com/schema/ovf">
              <References>{files}</References>
              <DiskSection><Info>Virtual disks</Info>{disks}</DiskSection>
              <NetworkSection><Info>Networks</Info>{networks}</NetworkSection>
              {EnvelopeSections}
              <VirtualSystem ovf:id="{Escape(Name)}">
                <Info>A virtual machine</Info>
                <Name>{Escape(Name)}</Name>
                <OperatingSystemSection ovf:id="94" vmw:osType="ubuntu64Guest"><Info>Guest</Info></OperatingSystemSection>
                {ProductSections}
                {EulaSections}
                <VirtualHardwareSection>
                  <Info>Virtual hardware</Info>
                  <System>
                    <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
                    <vssd:InstanceID>0</vssd:InstanceID>
                    <vssd:VirtualSystemIdentifier>{Escape(Name)}</vssd:VirtualSystemIdentifier>
                    <vssd:VirtualSystemType>vmx-10</vssd:VirtualSystemType>
                  </System>
                  {Item(1, 3, "CPU", quantity: CpuCount)}
                  {Item(2, 4, "Memory", quantity: MemoryMB, units: "byte * 2^20")}
                  {Item(3, 6, "SCSI 0", subType: "lsilogic")}
                  {diskItems}
                  {nicItems}
                  {HardwareExtras}
                </VirtualHardwareSection>
              </VirtualSystem>
            </Envelope>
            """;
    }

    /// <summary>A hardware item with its elements in the schema's order.</summary>
    public static string Item(
        int id, int type, string name, long? quantity = null, string? units = null, string? subType = null, int? addressOnParent = null,
        string? hostResource = null, string? connection = null, int? parent = null, string? configuration = null)
    {
        var attributes = configuration is null ? "" : $" ovf:configuration=\"{configuration}\"";
        return $"<Item{attributes}>"
            + Element("AddressOnParent", addressOnParent) + Element("AllocationUnits", units) + Element("Connection", connection)
            + Element("ElementName", name) + Element("HostResource", hostResource) + Element("InstanceID", id) + Element("Parent", parent)
            + Element("ResourceSubType", subType) + Element("ResourceType", type) + Element("VirtualQuantity", quantity)
            + "</Item>";
    }

    private static string Element(string name, object? value) =>
        value is null ? "" : FormattableString.Invariant($"<rasd:{name}>{Escape(FormattableString.Invariant($"{value}"))}</rasd:{name}>");

    private static string Escape(string text) => SecurityElement.Escape(text);
}

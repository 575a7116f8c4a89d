using System.Diagnostics;
using System.Text;
using VmDeploy.CloudInit;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Input of the largest accepted size that is made to take long. Each once took more than a minute.</summary>
public sealed class HostileInputTests : IDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_million_attributes()
    {
        var attributes = string.Concat(Enumerable.Range(0, 1_000_000).Select(i => $" a{i}=\"\""));
        Bounded(() => Refused(xml => xml.Replace("<References>", $"<References{attributes}>"), "attributes"));
    }

    [Fact]
    public void A_million_elements() =>
        Bounded(() => Refused(xml => xml.Replace("<References>", "<References>" + string.Concat(Enumerable.Repeat("<a/>", 1_000_000))), "elements"));

    [Fact]
    public void Tags_in_comments_and_CDATA_are_not_counted() =>
        Parse(xml => xml.Replace("<References>", $"<!-- <a {string.Concat(Enumerable.Repeat("'' ", 300))} --><References>"));

    [Fact]
    public void Many_disks_on_many_controllers()
    {
        const int count = 20_000;
        var disks = string.Concat(Enumerable.Range(0, count).Select(i => $"<Disk ovf:diskId='d{i}' ovf:capacity='1'/>"));
        var items = string.Concat(Enumerable.Range(0, count).Select(i =>
            $"<Item><InstanceID>c{i}</InstanceID><ResourceType>6</ResourceType></Item>"
            + $"<Item><InstanceID>i{i}</InstanceID><ResourceType>17</ResourceType><HostResource>ovf:/disk/d{i}</HostResource><Parent>c{count - 1 - i}</Parent></Item>"));
        var ovf = default(OvfDescriptor);
        Bounded(() =>
        {
            ovf = Parse(xml => xml.Replace("</DiskSection>", disks + "</DiskSection>").Replace("</VirtualHardwareSection>", items + "</VirtualHardwareSection>"));
            Assert.Equal(count, ovf.GetHardware(null).Disks.Count(disk => disk.Disk.DiskId.StartsWith('d')));
        }, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Many_capacities_that_properties_give()
    {
        var properties = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"<Property ovf:key='p{i}'/>"));
        var disks = string.Concat(Enumerable.Range(0, 60_000).Select(i => $"<Disk ovf:diskId='d{i}' ovf:capacity='${{q}}'/>"));
        Bounded(() => Parse(xml => xml.Replace("</DiskSection>", disks + "</DiskSection>"), $"<ProductSection><Info/>{properties}</ProductSection>"), TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("ValueMap{")]
    [InlineData("ValueMap{\"\\\"")]
    [InlineData("MinLen(")]
    [InlineData("\\\"")]
    public void Qualifiers_that_nothing_closes(string part)
    {
        var qualifiers = "ValueMap{&quot;" + string.Concat(Enumerable.Repeat(part.Replace("\"", "&quot;"), 1_000_000)) + "}";
        Bounded(() => Parse(xml => xml, $"<ProductSection><Info/><Property ovf:key='a' ovf:qualifiers='{qualifiers}'/><Property ovf:key='b' ovf:qualifiers='{qualifiers.TrimEnd('}')}'/></ProductSection>"));
    }

    [Fact]
    public void A_unit_of_many_factors() =>
        Bounded(() => Refused(xml => xml.Replace("</DiskSection>", $"<Disk ovf:diskId='u' ovf:capacity='1' ovf:capacityAllocationUnits='byte{string.Concat(Enumerable.Repeat("*1^99", 1_000_000))}'/></DiskSection>"), "capacity"));

    [Fact]
    public async Task A_VMDK_descriptor_of_newlines()
    {
        const int length = 1 << 20;
        var image = new byte[512 + length + 512];
        StreamVmdk.Sample().AsSpan(0, 512).CopyTo(image);
        BitConverter.GetBytes(1L).CopyTo(image, 28);
        BitConverter.GetBytes((long)length / 512).CopyTo(image, 36);
        BitConverter.GetBytes(1L + (length / 512)).CopyTo(image, 64);
        image.AsSpan(512, length).Fill((byte)'\n');
        var watch = Stopwatch.StartNew();
        await Record.ExceptionAsync(() => new StreamOptimizedReader(new MemoryStream(image), "a.vmdk").ReadHeaderAsync(CancellationToken.None));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, s_bound);
    }

    [Fact]
    public void Cloud_init_meta_data_of_newlines() =>
        Bounded(() => CloudInitChecks.Run(new CloudInitData { MetaData = "a: b\n" + new string('\n', 1_000_000), NetworkConfig = new string('\n', 1_000_000) + "network:\n a: b" }, VmLimits.Vsphere, ["a"]));

    [Theory]
    [InlineData("0x11")]
    [InlineData("1.")]
    [InlineData("u@")]
    [InlineData("[1:")]
    public void An_SSH_destination_that_almost_is_one(string part) =>
        Bounded(() => Record.Exception(() => SshDestination.Parse(string.Concat(Enumerable.Repeat(part, 100_000)) + "g\n")));

    [Fact]
    public void A_certificate_file_with_many_signatures()
    {
        var manifest = new byte[4 << 20];
        using var signer = OvaVerificationTests.Signer(DateTimeOffset.UtcNow.AddYears(1));
        var line = $"SHA256(a.mf)= {new string('0', 512)}\n";
        var content = string.Concat(Enumerable.Repeat(line, 5_000)) + signer.ExportCertificatePem();
        Bounded(() => Assert.Equal(nameof(OvaSignatureState.Invalid), OvaCertificate.Check(Encoding.ASCII.GetBytes(content), "a.cert", manifest).State));
    }

    [SkippableFact]
    public async Task A_pipe_in_the_place_of_a_disk_or_package_is_refused_at_once()
    {
        var mkfifo = Requires.Tool("mkfifo");
        await Shell.RunAsync(mkfifo, _folder["disk1.vmdk"], _folder["pipe.ova"]);
        var builder = new OvaBuilder { Manifest = null };
        var descriptor = _folder.Write("test-vm.ovf", builder.Entries().First(entry => entry.Name == "test-vm.ovf").Content);
        var opening = Task.Run(async () =>
        {
            using var package = await OvaPackage.OpenAsync(descriptor, CancellationToken.None);
            await package.CheckImportableAsync(CancellationToken.None);
        });
        var error = await Assert.ThrowsAsync<VmDeployException>(() => opening.WaitAsync(s_bound));
        Assert.Equal(ErrorCodes.VmdkNotStreamOptimized, error.Code);
        error = await Assert.ThrowsAsync<VmDeployException>(() => OvaPackage.OpenAsync(_folder["pipe.ova"], CancellationToken.None).WaitAsync(s_bound));
        Assert.Equal(ErrorCodes.OvaNotATar, error.Code);
    }

    [Fact]
    public void OVF_0_9_without_a_machine_is_called_by_its_name() =>
        Refused(_ => "<Envelope xmlns='http://www.vmware.com/schema/ovf/1/envelope'><References/></Envelope>", "OVF 0.9 is not supported");

    private static OvfDescriptor Parse(Func<string, string> edit, string products = "")
    {
        var builder = new OvaBuilder { EditDescriptor = edit, ProductSections = products };
        return OvfDescriptor.Parse(Encoding.UTF8.GetString(builder.Entries()[0].Content), "a.ovf");
    }

    private static void Refused(Func<string, string> edit, string expected)
    {
        var error = Assert.Throws<VmDeployException>(() => Parse(edit));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains(expected, error.Message);
    }

    private static void Bounded(Action action, TimeSpan? bound = null)
    {
        var watch = Stopwatch.StartNew();
        action();
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, bound ?? s_bound);
    }

    [Fact]
    public void An_attribute_in_two_namespaces_of_OVF_counts_once()
    {
        var xml = ForeignOvf.Version2(ForeignOvf.VirtualBox, ownNamespace: true)
            .Replace("<VirtualHardwareSection", "<VirtualHardwareSection xmlns:b=\"http://schemas.dmtf.org/ovf/envelope/1\" b:required=\"true\" ovf:required=\"false\"", StringComparison.Ordinal);
        Assert.Contains("b:required", xml, StringComparison.Ordinal);
        OvfDescriptor.Parse(OvfAdapter.ForVsphere(xml, "a.ovf", 19).Xml, "a.ovf");
    }
}

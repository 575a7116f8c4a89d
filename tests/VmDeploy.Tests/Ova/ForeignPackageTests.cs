using System.Text.RegularExpressions;
using VmDeploy.Ova;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using VmDeploy.Tests.Xapi;
using Xunit;

namespace VmDeploy.Tests.Ova;

/// <summary>Packages of other makers: refused by vSphere as they are, imported with Adapt, and taken by XenServer.</summary>
public sealed class ForeignPackageTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Name, number of disks, and an edit that must be listed for vSphere.</summary>
    public static TheoryData<string, int, string> Packages => new()
    {
        { "VirtualBox", 1, "hardware family 'virtualbox-2.2' replaced by vmx-13" },
        { "Xen Orchestra", 6, "'Hard Disk 3' moved to another IDE place" },
        { "OVF 2", 1, "OVF 2 rewritten as OVF 1" },
        { "OVF 2 items", 1, "element 'StorageItem' 'Hard disk 1' rewritten as Item" },
        { "OVF 0.9", 1, "OVF 0.9 rewritten as OVF 1" },
        { "no hardware", 2, "hardware added: 1 vCPU, 1 GB of memory, 2 disks on SATA, 1 network adapter" },
        { "a setting", 1, "setting 'vhv.enable' made optional" },
        { "a section", 1, "section 'Secret' made optional" },
        { "a device", 1, "device 'Fabric' of the type 29 made optional" },
        { "newer hardware", 1, "hardware version 'vmx-99' replaced by vmx-21" },
        { "SATA without its hardware", 1, "hardware version 'vmx-07' replaced by vmx-13" },
        { "virtio", 1, "network adapter 'Network adapter 1' of the model 'virtio' changed to E1000" },
    };

    public static TheoryData<string, int, string, EsxiMode> OnVsphere()
    {
        var rows = new TheoryData<string, int, string, EsxiMode>();
        foreach (var row in Packages)
        {
            foreach (var mode in new[] { EsxiMode.Esxi, EsxiMode.VCenter })
                rows.Add((string)row[0], (int)row[1], (string)row[2], mode);
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(OnVsphere))]
    public async Task VSphere_refuses_it_recommends_Adapt_and_takes_it_then(string name, int disks, string edit, EsxiMode mode)
    {
        await using var host = await SimulatedHost.StartAsync(new EsxiSimulatorOptions { Mode = mode });
        var builder = Builder(name, disks);
        var request = Request(builder);

        var refusal = await Assert.ThrowsAsync<VmDeployException>(() => host.ImportAsync(request));
        Assert.Equal(name == "no hardware" ? ErrorCodes.OvfMalformed : ErrorCodes.OvfRefused, refusal.Code);
        Assert.Equal(ErrorHint.AdaptPackage, refusal.Hint);
        Assert.Equal(host.Before, host.Picture());

        using var package = await OvaPackage.OpenAsync(request.Path, CancellationToken.None);
        var before = File.ReadAllBytes(request.Path);
        var plan = await host.Session.PlanOvaImportAsync(request with { Adapt = true }, package, CancellationToken.None);
        Assert.Contains(edit, plan.Describe("foreign"));
        await host.RunAsync(plan);

        Assert.Empty(host.Failures);
        var vm = Assert.Single(host.Simulator.Vms);
        Assert.Equal(disks, vm.Disks.Count);
        for (var i = 0; i < disks; i++)
            Assert.Equal(builder.Disks[i].Content, File.ReadAllBytes(vm.Disks[i].LocalPath));
        Assert.Equal("VM Network", Assert.Single(vm.Nics).Network);
        Assert.Equal(before, File.ReadAllBytes(request.Path));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task XenServer_takes_it(string name, int disks, string edit)
    {
        await using var server = await SimulatedXenServer.StartAsync();
        var builder = Builder(name, disks);
        using var package = await OvaPackage.OpenAsync(Request(builder).Path, CancellationToken.None);
        var request = new OvaImportRequest(package.Path) { Names = ["foreign"], Adapt = name == "no hardware" };
        var plan = await server.Session.PlanOvaImportAsync(request, package, CancellationToken.None);
        await server.RunAsync(plan);

        Assert.Empty(server.Failures);
        var made = server["foreign"];
        var drives = made.Drives.Where(drive => drive.Type == "Disk").ToList();
        Assert.Equal(disks, drives.Count);
        for (var i = 0; i < disks; i++)
            SimulatedXenServer.AssertHolds(drives[i].LocalPath!, Raw(i));
        Assert.Single(made.Vifs);

        // Whatever the builder can read is left as it is.
        Assert.Equal(name == "no hardware", (await server.Session.PlanOvaImportAsync(request with { Names = ["other"], Adapt = true }, package, CancellationToken.None)).Describe("other").Contains(edit));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public async Task The_package_shows_it_without_a_host(string name, int disks, string edit)
    {
        using var package = await OvaPackage.OpenAsync(Request(Builder(name, disks)).Path, CancellationToken.None);
        // Only a host knows which hardware is too new for it.
        Assert.Equal(name == "newer hardware", package.Incompatibilities.All(known => known.Edit != edit));
    }

    [Fact]
    public async Task A_usual_package_is_not_edited()
    {
        using var package = await OvaPackage.OpenAsync(new OvaBuilder().WriteOva(_folder), CancellationToken.None);
        Assert.Empty(package.Incompatibilities);
        await using var host = await SimulatedHost.StartAsync();
        var plan = await host.Session.PlanOvaImportAsync(new OvaImportRequest(package.Path) { Names = ["same"], Adapt = true, Datastore = "datastore1" }, package, CancellationToken.None);
        Assert.EndsWith("network 'VM Network'", plan.Describe("same"));
        using var tiny = await OvaPackage.OpenAsync(Repository.Path("examples/tinyVM.ova"), CancellationToken.None);
        Assert.Empty(tiny.Incompatibilities);
    }

    [Fact]
    public void What_is_edited_for_a_host_is_an_OVF_that_needs_no_further_edit()
    {
        foreach (var row in Packages)
        {
            var builder = Builder((string)row[0], (int)row[1]);
            var xml = System.Text.Encoding.UTF8.GetString(builder.Entries().Single(entry => entry.Name.EndsWith(".ovf", StringComparison.Ordinal)).Content);
            var adapted = OvfAdapter.ForVsphere(xml, "x.ovf", 19);
            Assert.NotEmpty(adapted.Edits);
            Assert.Empty(OvfAdapter.ForVsphere(adapted.Xml, "x.ovf", 19).Edits);
            Assert.Equal((int)row[1], OvfDescriptor.Parse(adapted.Xml, "x.ovf").GetHardware(null).Disks.Count);
        }
    }

    private OvaImportRequest Request(OvaBuilder builder) => new(builder.WriteOva(_folder, Guid.NewGuid() + ".ova"))
    {
        Names = ["foreign"],
        Datacenter = "ha-datacenter",
        Datastore = "datastore1",
        HostName = "localhost.localdomain",
        Hardware = new() { NetworkMap = new Dictionary<string, string> { ["*"] = "VM Network" } },
    };

    private static byte[] Raw(int disk)
    {
        var raw = new byte[3 * 65536];
        new Random(disk + 1).NextBytes(raw);
        return raw;
    }

    private static OvaBuilder Builder(string name, int disks)
    {
        var builder = new OvaBuilder { Disks = [.. Enumerable.Range(0, disks).Select(i => new OvaBuilderDisk($"disk{i + 1}.vmdk", StreamVmdk.FromRaw(Raw(i))))], Networks = ["NAT"] };
        return name switch
        {
            "VirtualBox" => builder with { EditDescriptor = _ => ForeignOvf.VirtualBox },
            "Xen Orchestra" => builder with { EditDescriptor = _ => ForeignOvf.XenOrchestra(disks) },
            "OVF 2" => builder with { EditDescriptor = xml => ForeignOvf.Version2(xml, ownNamespace: true) },
            "OVF 2 items" => builder with { EditDescriptor = xml => ForeignOvf.Version2(xml, ownNamespace: false) },
            "OVF 0.9" => builder with { EditDescriptor = _ => ForeignOvf.Version09 },
            "no hardware" => builder with { EditDescriptor = xml => Regex.Replace(xml, "<VirtualHardwareSection>.*</VirtualHardwareSection>", "", RegexOptions.Singleline) },
            "a setting" => builder with { HardwareExtras = "<vmw:ExtraConfig vmw:key=\"vhv.enable\" vmw:value=\"true\"/>" },
            "a section" => builder with { ProductSections = "<x:Secret xmlns:x=\"urn:x\"><Info>i</Info></x:Secret>" },
            "a device" => builder with { HardwareExtras = OvaBuilder.Item(90, 29, "Fabric") },
            "newer hardware" => builder with { EditDescriptor = xml => xml.Replace("vmx-10", "vmx-99") },
            "SATA without its hardware" => builder with
            {
                EditDescriptor = xml => xml.Replace("vmx-10", "vmx-07").Replace("<rasd:ResourceSubType>lsilogic</rasd:ResourceSubType><rasd:ResourceType>6<", "<rasd:ResourceSubType>AHCI</rasd:ResourceSubType><rasd:ResourceType>20<"),
            },
            "virtio" => builder with { EditDescriptor = xml => xml.Replace(">VmxNet3<", ">virtio<") },
            _ => throw new ArgumentException(name),
        };
    }
}

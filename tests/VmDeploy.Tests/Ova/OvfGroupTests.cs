using System.Diagnostics;
using System.Globalization;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;
using static VmDeploy.Tests.Support.VAppOva;

namespace VmDeploy.Tests.Ova;

/// <summary>Descriptors with several machines, and the descriptor that each machine gets.</summary>
public sealed class OvfGroupTests
{
    [Fact]
    public void Each_machine_has_a_descriptor_of_its_own_with_what_it_uses()
    {
        var ovf = Read(
            new VAppMachine("web", 1, 2) { Networks = ["front", "back"] }.ToXml() + new VAppMachine("db", 2, 3) { Networks = ["back"] }.ToXml() + new VAppMachine("bare") { Networks = [] }.ToXml(),
            disks: 3, networks: ["front", "back", "unused"]);

        Assert.True(ovf.IsCollection);
        Assert.Equal(["web", "db", "bare"], ovf.Group!.Machines.Select(machine => machine.Id));
        var (web, db, bare) = (Machine(ovf, "web"), Machine(ovf, "db"), Machine(ovf, "bare"));
        Assert.Equal(["vmdisk1", "vmdisk2"], web.Disks.Select(disk => disk.DiskId));
        Assert.Equal(["file1", "file2"], web.References.Select(file => file.Id));
        Assert.Equal(["front", "back"], web.Networks.Select(network => network.Name));
        Assert.Equal(["vmdisk2", "vmdisk3"], db.Disks.Select(disk => disk.DiskId));
        Assert.Equal(["back"], db.Networks.Select(network => network.Name));
        Assert.Empty(bare.Disks);
        Assert.Empty(bare.References);
        Assert.Empty(bare.Networks);
        Assert.Equal(2, web.GetHardware(null).Disks.Count);
    }

    [Fact]
    public void A_machine_inherits_the_properties_of_its_collections_the_nearest_first_and_its_own_take_precedence()
    {
        var ovf = Read(
            Product(("domain", "outer"), ("ntp", "outer"), ("host", "outer"))
            + Collection("inner", Product(("ntp", "inner"), ("host", "inner")) + new VAppMachine("web") { Products = Product(("host", "own")) }.ToXml())
            + new VAppMachine("db").ToXml());

        Assert.Equal("host=own ntp=inner domain=outer", Properties("web"));
        Assert.Equal("domain=outer ntp=outer host=outer", Properties("db"));

        string Properties(string id) => string.Join(' ', Machine(ovf, id).Properties.Select(property => $"{property.FullKey}={property.DefaultValue}"));
    }

    [Fact]
    public void Texts_deployment_options_and_prefixes_are_kept()
    {
        var ovf = Read(
            new VAppMachine("web") { Items = OvaBuilder.Item(1, 3, "CPU", quantity: 8, configuration: "large") }.ToXml().Replace("<Info>A machine</Info>", "<Info>A machine</Info><Name ovf:msgid=\"web.name\">x</Name>"),
            sections: """
                <DeploymentOptionSection><Info/><Configuration ovf:id="small" ovf:default="true"><Label>s</Label><Description>s</Description></Configuration><Configuration ovf:id="large"><Label>l</Label><Description>l</Description></Configuration></DeploymentOptionSection>
                <Strings xml:lang="en"><Msg ovf:msgid="web.name">The web server</Msg><Msg ovf:msgid="other">Not used</Msg></Strings>
                """);

        var web = ovf.Group!.Machines.Single();
        Assert.Equal("The web server", web.Descriptor.Name);
        Assert.Equal(1, web.Descriptor.GetHardware(null).CpuCount);
        Assert.Equal(8, web.Descriptor.GetHardware("large").CpuCount);
        Assert.DoesNotContain("Not used", web.ToXml());
        Assert.Equal("The web server", OvfDescriptor.Parse(web.ToXml(), "web.ovf").Name);
    }

    [Fact]
    public void A_delta_disk_brings_the_disk_that_it_builds_on()
    {
        var xml = Xml(new VAppMachine("web", 2).ToXml() + new VAppMachine("db", 3).ToXml(), disks: 3)
            .Replace("ovf:diskId=\"vmdisk2\"", "ovf:diskId=\"vmdisk2\" ovf:parentRef=\"vmdisk1\"");
        var ovf = OvfDescriptor.Parse(xml, "shop.ovf");
        Assert.Equal(["vmdisk1", "vmdisk2"], Machine(ovf, "web").Disks.Select(disk => disk.DiskId));
        Assert.Equal(["file1", "file2"], Machine(ovf, "web").References.Select(file => file.Id));
        Assert.Equal(["vmdisk3"], Machine(ovf, "db").Disks.Select(disk => disk.DiskId));
    }

    [Fact]
    public void The_start_order_of_nested_collections_follows_that_of_their_own()
    {
        var ovf = Read(
            Collection("back", new VAppMachine("db").ToXml() + new VAppMachine("cache").ToXml() + Startup(("db", 2, "ovf:startDelay=\"30\" ovf:waitingForGuest=\"true\""), ("cache", 1, "")))
            + new VAppMachine("web").ToXml() + new VAppMachine("tool").ToXml()
            + Startup(("back", 1, "ovf:startAction=\"none\""), ("web", 2, "ovf:startDelay=\"5\""), ("tool", 2, "ovf:startAction=\"none\"")));

        Assert.Equal(["db 1.2", "cache 1.1", "web 2", "tool 2"], ovf.Group!.Machines.Select(machine => $"{machine.Id} {machine.StartOrder}"));
        Assert.Equal(new OvfStartup { Order = 2, DelaySeconds = 30, WaitsForGuest = true, PowersOn = false }, ovf.Group.Machines.First().Startup);
        Assert.Equal([false, false, true, false], ovf.Group.Machines.Select(machine => machine.Startup.PowersOn));
    }

    [Theory]
    [InlineData("", "has no VirtualSystem")]
    [InlineData("<VirtualSystem><Info/></VirtualSystem>", "has no id")]
    [InlineData("<VirtualSystem ovf:id=\"a\"><Info/></VirtualSystem><VirtualSystem ovf:id=\"a\"><Info/></VirtualSystem>", "two virtual systems have the id 'a'")]
    [InlineData("<VirtualSystem ovf:id=\"shop\"><Info/></VirtualSystem>", "two virtual systems have the id 'shop'")]
    [InlineData("<StartupSection><Info/><Item ovf:id=\"a\" ovf:startDelay=\"65536\"/></StartupSection><VirtualSystem ovf:id=\"a\"><Info/></VirtualSystem>", "startDelay '65536'; 0 to 65535 are valid")]
    [InlineData("<StartupSection><Info/><Item ovf:id=\"a\" ovf:order=\"-1\"/></StartupSection><VirtualSystem ovf:id=\"a\"><Info/></VirtualSystem>", "order '-1'")]
    public void A_damaged_collection_is_refused(string content, string message)
    {
        var error = Assert.Throws<VmDeployException>(() => Read(content));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("deep", "nested deeper than 8")]
    [InlineData("many", "more than 200 virtual systems")]
    [InlineData("inherited", "more than 400000 elements in all")]
    [InlineData("texts", "more than 400000 elements in all")]
    public void A_hostile_collection_is_refused_in_bounded_time(string kind, string message)
    {
        var systems = string.Concat(Enumerable.Range(0, kind == "many" ? 20_000 : 200).Select(i => $"<VirtualSystem ovf:id=\"m{i}\"><Info ovf:msgid=\"t\"/></VirtualSystem>"));
        var xml = kind switch
        {
            "deep" => Xml(Enumerable.Range(0, 40).Aggregate(systems, (inner, i) => $"<VirtualSystemCollection ovf:id=\"c{i}\">{inner}</VirtualSystemCollection>")),
            "inherited" => Xml("<ProductSection><Info/>" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"<Property ovf:key=\"k{i}\" ovf:type=\"string\"/>")) + "</ProductSection>" + systems),
            "texts" => Xml(systems, sections: string.Concat(Enumerable.Range(0, 50_000).Select(i => $"<Strings xml:lang=\"{(i % 2 == 0 ? "en" : "de")}\"><Msg ovf:msgid=\"t\">x</Msg></Strings>"))),
            _ => Xml(systems),
        };
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<VmDeployException>(() => OvfDescriptor.Parse(xml, "hostile.ovf"));
        Assert.Equal(ErrorCodes.OvfMalformed, error.Code);
        Assert.Contains(message, error.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed}"));
    }

    private static OvfDescriptor Machine(OvfDescriptor ovf, string id) => ovf.Group!.Machines.Single(machine => machine.Id == id).Descriptor;

    private static OvfDescriptor Read(string content, int disks = 1, IReadOnlyList<string>? networks = null, string sections = "") =>
        OvfDescriptor.Parse(Xml(content, disks, networks, sections), "shop.ovf");

    private static string Xml(string content, int disks = 1, IReadOnlyList<string>? networks = null, string sections = "") =>
        System.Text.Encoding.UTF8.GetString(Create(content, disks, networks, sections).Entries().Single(entry => entry.Name == "shop.ovf").Content);
}

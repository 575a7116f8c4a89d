using VmDeploy.CloudInit;
using Xunit;

namespace VmDeploy.Tests.CloudInit;

public class CloudInitDocumentTests
{
    private const string Id = "5f1c7f5a-3f57-4b0e-9f0b-0a1f1d3d1c11";

    [Theory]
    [InlineData("hostname: {name}", "hostname: web 7")]
    [InlineData("fqdn: {hostname}.example.com", "fqdn: web-7.example.com")]
    [InlineData("{n} {n:00} {n:0000}", "7 07 0007")]
    [InlineData("{brace}name} and {brace}n}", "{name} and {n}")]
    [InlineData("echo ${name} ${n}", "echo ${name} ${n}")]
    [InlineData("## template: jinja\n#cloud-config\nhostname: {{name}} {{ name }} {% if n %}", "## template: jinja\n#cloud-config\nhostname: {{name}} {{ name }} {% if n %}")]
    [InlineData("a: {b: {c: 1}, name: x} {} {unknown} {n:x} {Name}", "a: {b: {c: 1}, name: x} {} {unknown} {n:x} {Name}")]
    [InlineData("a: {host: {name}}", "a: {host: web 7}")]
    [InlineData("a{3} [0-9]{2,4}", "a{3} [0-9]{2,4}")]
    public void Placeholders_are_replaced_and_all_other_braces_stay(string text, string expected) =>
        Assert.Equal(expected, CloudInitDocuments.Create(new CloudInitData { UserData = text }, "web 7", 7, Id).UserData);

    [Theory]
    [InlineData("network:\n  version: 2", true)]
    [InlineData("a:\n  network: x", false)]
    [InlineData("list: [{network: x}]", false)]
    [InlineData("\"network\": 1", true)]
    [InlineData("{\"a\": {\"network\": 1}}", false)]
    [InlineData("{\"a\": [1, {\"b\": 2}], \"network\": 1}", true)]
    [InlineData("{\"a\": \", network: \", b: 1}", false)]
    [InlineData("# it's\n{ network: 1 }", true)]
    [InlineData("", false)]
    public void Only_a_key_of_the_outermost_mapping_counts(string text, bool has) => Assert.Equal(has, YamlText.HasKey(text, "network"));

    [Fact]
    public void A_nested_key_does_not_take_the_place_of_the_instance_id_and_two_networks_are_refused()
    {
        Assert.Contains($"instance-id: \"{Id}\"", CloudInitDocuments.Create(new CloudInitData { MetaData = "cloud:\n  instance-id: other\n" }, "web1", 1, Id).MetaData, StringComparison.Ordinal);
        var refused = Assert.Throws<VmDeployException>(() => CloudInitChecks.Run(new CloudInitData { MetaData = "network: {version: 2}", NetworkConfig = "version: 2" }, VmLimits.Vsphere, ["web1"]));
        Assert.Equal("ValueRefused", refused.Code.Id);
        CloudInitChecks.Run(new CloudInitData { MetaData = "a:\n  network: x", NetworkConfig = "version: 2" }, VmLimits.Vsphere, ["web1"]);
    }

    [Fact]
    public void A_name_with_quotes_stays_one_value_in_JSON() => Assert.Equal(
        "#cloud-config\n{\"motd\": \"a \\\"b\\\"\"}",
        CloudInitDocuments.Create(new CloudInitData { UserData = "#cloud-config\n{\"motd\": \"{name}\"}" }, "a \"b\"", 1, Id).UserData);

    [Theory]
    [InlineData("web1", "web1")]
    [InlineData("Web Server_1", "Web-Server-1")]
    [InlineData("web.example.com", "web.example.com")]
    [InlineData("-web-..", "web")]
    [InlineData("größe", "gr-e")]
    [InlineData("日本", "vm-5f1c7f5a")]
    public void The_host_name_is_a_valid_one_made_of_the_name(string vm, string expected) => Assert.Equal(expected, HostName.From(vm, Id));

    [Fact]
    public void Long_names_that_differ_at_their_ends_give_different_host_names()
    {
        var names = Enumerable.Range(1, 10).Select(n => HostName.From(new string('a', 75) + n, Id)).ToList();
        Assert.Equal(10, names.Distinct().Count());
        Assert.All(names, name => Assert.InRange(name.Length, 1, 63));
    }

    [Theory]
    [InlineData("version: 2\n", "version: 2\n")]
    [InlineData("# netplan\nnetwork:\n  version: 2\n  ethernets: {}\n", "# netplan\n  version: 2\n  ethernets: {}\n")]
    [InlineData("network: # all\n  version: 2\nother: 1\n", "network: # all\n  version: 2\nother: 1\n")]
    [InlineData("{\"network\": {\"version\": 2, \"x\": \"}\"}}", "{\"version\": 2, \"x\": \"}\"}")]
    [InlineData("{\"network\": {\"version\": 2}, \"other\": {}}", "{\"network\": {\"version\": 2}, \"other\": {}}")]
    public void The_outer_key_of_netplan_is_taken_off(string text, string expected) =>
        Assert.Equal(expected, CloudInitDocuments.Create(new CloudInitData { NetworkConfig = text }, "web1", 1, Id).NetworkConfig);

    [Fact]
    public void What_cloud_init_would_ignore_is_refused()
    {
        var valid = new CloudInitData { UserData = "#cloud-config\n{}\n", NetworkConfig = "version: 2\n", VendorData = "#!/bin/sh\n" };
        Check(valid);
        Check(valid with { UserData = "\ufeff#!/bin/sh\r\nreboot\r\n" });
        Check(valid with { UserData = "## template: jinja\n#cloud-config\n" });
        Check(valid with { UserData = "Content-Type: multipart/mixed; boundary=\"x\"\n" });

        Assert.Contains("The user-data starts with 'packages:'", Refused(valid with { UserData = "packages: [nginx]\n" }, "CloudInitUserDataNotRecognised"));
        Assert.Contains("The vendor-data starts with an empty line", Refused(valid with { VendorData = "\n#cloud-config" }, "CloudInitUserDataNotRecognised"));
        foreach (var path in (string[])["./netwrok.yml", @"X:\meta.yml", "C:/cloud init/network.yml"])
        {
            Assert.Contains($"'{path}'", Refused(valid with { NetworkConfig = path }, "CloudInitNotAMapping"));
            Assert.Contains($"'{path}'", Refused(valid with { MetaData = path }, "CloudInitNotAMapping"));
        }

        static void Check(CloudInitData data) => CloudInitChecks.Run(data, VmLimits.Vsphere, ["web1"]);
    }

    [Theory]
    [InlineData("hunter2")]
    [InlineData("{\"password\": \"hunter2\"}")]
    [InlineData("password=hunter2")]
    [InlineData("password: hunter2")]
    public void No_message_and_no_text_of_the_request_quotes_a_secret(string text)
    {
        foreach (var data in (CloudInitData[])[new() { UserData = text }, new() { VendorData = text }, new() { MetaData = text.Replace(": ", "=").Replace("{", "(") }])
        {
            var error = Assert.Throws<VmDeployException>(() => CloudInitChecks.Run(data, VmLimits.XenServer, ["web1"]));
            Assert.DoesNotContain("hunter2", $"{error}{error.Target}", StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", $"{data} {new CloneRequest(null!) { CloudInit = data }.CloudInit} {CloudInitDocuments.Create(data, "a", 1, Id)}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_way_out()
    {
        var noise = new CloudInitData { UserData = "#!/bin/sh\n" + Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(100_000)) };
        Assert.Contains("a guestinfo variable holds 65536", Refused(noise, "CloudInitTooLarge", ErrorHint.UseCloudInitDrive));
        CloudInitChecks.Run(noise with { Via = CloudInitVia.Drive }, VmLimits.Vsphere, ["web1"]);
        CloudInitChecks.Run(noise, VmLimits.XenServer, ["web1"]);

        // Repeated data takes little space.
        var large = new CloudInitData { UserData = "#!/bin/sh\n" + new string('x', 11 << 20) };
        CloudInitChecks.Run(large, VmLimits.Vsphere, ["web1"]);
        Assert.Contains("the drive holds", Refused(large with { Via = CloudInitVia.Drive }, "CloudInitTooLarge"));
    }

    [Fact]
    public void A_host_without_guestinfo_says_so()
    {
        var error = Assert.Throws<VmDeployException>(() => CloudInitChecks.Run(new CloudInitData { Via = CloudInitVia.Guestinfo }, VmLimits.XenServer, ["a"]));
        Assert.Equal(("NotSupportedByHost", ErrorHint.UseCloudInitDrive), (error.Code.Id, error.Hint));
    }

    private static string Refused(CloudInitData data, string id, ErrorHint? hint = null)
    {
        var error = Assert.Throws<VmDeployException>(() => CloudInitChecks.Run(data, VmLimits.Vsphere, ["web1"]));
        Assert.Equal((id, hint), (error.Code.Id, error.Hint));
        return error.Message;
    }
}

using System.Text;
using VmDeploy.Ova;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Ova;

public class OvfPropertyTests
{
    private const string Sections = """
        <ProductSection ovf:class="net" ovf:instance="1"><Info/>
          <Category>Addresses</Category>
          <Property ovf:key="ip" ovf:type="string" ovf:userConfigurable="true" vmw:qualifiers="Ip" ovf:value=""><Label>IP</Label><Description>Blank for DHCP</Description></Property>
          <Property ovf:key="port" ovf:type="uint16" ovf:userConfigurable="true" ovf:value="80">
            <Value ovf:value="8080" ovf:configuration="large huge"/>
          </Property>
          <Category>Accounts</Category>
          <Property ovf:key="password" ovf:type="string" ovf:userConfigurable="true" ovf:password="true" ovf:qualifiers="MinLen(8) MaxLen(10)"/>
          <Property ovf:key="size" ovf:type="string" ovf:userConfigurable="true" ovf:value="small" ovf:qualifiers="ValueMap{&quot;small&quot;, &quot;very &#34;large&quot;, &quot;a\&quot;b&quot;}"/>
          <Property ovf:key="debug" ovf:type="boolean" ovf:userConfigurable="true" ovf:value="False"/>
          <Property ovf:key="fixed" ovf:type="string" ovf:value="x"/>
        </ProductSection>
        <ProductSection><Info/><Property ovf:key="port" ovf:type="int" ovf:userConfigurable="true"/></ProductSection>
        """;

    private const string Options = """
        <DeploymentOptionSection><Info/><Configuration ovf:id="small" ovf:default="true"/><Configuration ovf:id="large"/></DeploymentOptionSection>
        """;

    private static readonly OvfDescriptor s_ovf = OvfDescriptor.Parse(
        Encoding.UTF8.GetString(new OvaBuilder { ProductSections = Sections.Replace("very &#34;large", "very large"), EnvelopeSections = Options }.Entries()[0].Content), "x.ovf");

    [Fact]
    public void Properties_are_read_with_their_limits()
    {
        Assert.Equal(["net.ip.1", "net.port.1", "net.password.1", "net.size.1", "net.debug.1", "net.fixed.1", "port"], s_ovf.Properties.Select(property => property.FullKey));
        OvfProperty ip = s_ovf.GetProperty("net.ip.1"), password = s_ovf.GetProperty("password"), size = s_ovf.GetProperty("SIZE");
        Assert.Equal(("ip", "IP", "Blank for DHCP", "Addresses", ""), (ip.Type, ip.Label, ip.Description, ip.Category, ip.DefaultValue));
        Assert.Equal((true, 8, 10, "Accounts"), (password.IsPassword, password.MinLength, password.MaxLength, password.Category));
        Assert.Equal(["small", "very large", "a\"b"], size.AllowedValues);
        Assert.Equal("large=8080, huge=8080", s_ovf.GetProperty("net.port.1").OptionDefaults.ToString());
        Assert.False(s_ovf.GetProperty("fixed").IsUserConfigurable);
    }

    [Fact]
    public void Defaults_follow_the_deployment_option()
    {
        var port = s_ovf.GetProperty("net.port.1");
        Assert.Equal(("80", "8080", "80"), (port.GetDefault(null), port.GetDefault("large"), port.GetDefault("small")));
    }

    [Theory]
    [InlineData("net.ip.1", "10.0.0.1", "10.0.0.1")]
    [InlineData("net.ip.1", "fe80::1", "fe80::1")]
    [InlineData("net.ip.1", "", "")]
    [InlineData("net.port.1", "65535", "65535")]
    [InlineData("net.debug.1", "true", "True")]
    [InlineData("net.debug.1", "FALSE", "False")]
    [InlineData("size", "very large", "very large")]
    [InlineData("password", "12345678", "12345678")]
    public void Good_values_pass(string key, string value, string expected) => Assert.Equal(expected, s_ovf.GetProperty(key).Validate(value));

    [Theory]
    [InlineData("net.ip.1", "10.0.0.256")]
    [InlineData("net.port.1", "65536")]
    [InlineData("net.port.1", "-1")]
    [InlineData("net.port.1", "1.0")]
    [InlineData("net.port.1", "")]
    [InlineData("net.debug.1", "perhaps")]
    [InlineData("size", "Small")]
    [InlineData("password", "1234567")]
    [InlineData("password", "12345678901")]
    public void Bad_values_are_named_but_no_password_is_shown(string key, string value)
    {
        var error = Assert.Throws<VmDeployException>(() => s_ovf.GetProperty(key).Validate(value));
        Assert.Equal(ErrorCodes.OvfPropertyInvalid, error.Code);
        Assert.Contains(s_ovf.GetProperty(key).FullKey, error.Message);
        if (key == "password")
            Assert.DoesNotContain(value, error.Message);
    }

    [Theory]
    [InlineData("uint8", "0", "255", "256")]
    [InlineData("sint8", "-128", "127", "128")]
    [InlineData("sint16", "-32768", "32767", "32768")]
    [InlineData("uint32", "0", "4294967295", "4294967296")]
    [InlineData("int", "-2147483648", "2147483647", "2147483648")]
    [InlineData("uint64", "0", "18446744073709551615", "18446744073709551616")]
    [InlineData("sint64", "-9223372036854775808", "9223372036854775807", "99999999999999999999999999999999")]
    [InlineData("real64", "-1.5e10", "3", "three")]
    public void Numbers_keep_to_their_type(string type, string low, string high, string bad)
    {
        var property = new OvfProperty("n", type);
        Assert.Equal(low, property.Validate(low));
        Assert.Equal(high, property.Validate(high));
        Assert.Throws<VmDeployException>(() => property.Validate(bad));
    }

    [Fact]
    public void Values_are_resolved_by_full_or_bare_key()
    {
        var values = s_ovf.ResolveProperties(
            new Dictionary<string, string> { ["Password"] = "secret-123".Substring(0, 10), ["net.PORT.1"] = "81", ["port"] = "5" }, "large");
        Assert.Equal(new Dictionary<string, string> { ["net.password.1"] = "secret-123", ["net.port.1"] = "81", ["port"] = "5" }, values);
    }

    [Fact]
    public void A_required_property_must_be_given()
    {
        Assert.Contains(s_ovf.Properties, property => property.Required && property.IsRequired(null));
        Assert.Contains(s_ovf.Properties, property => !property.Required);
        var error = Assert.Throws<VmDeployException>(() => s_ovf.ResolveProperties(new Dictionary<string, string>(), null));
        Assert.Equal(ErrorCodes.OvfPropertyRequired, error.Code);
        Assert.Contains("'net.password.1'", error.Message);
    }

    [Fact]
    public void Unknown_and_fixed_properties_are_refused()
    {
        var unknown = Assert.Throws<VmDeployException>(() => s_ovf.ResolveProperties(new Dictionary<string, string> { ["colour"] = "red" }, null));
        Assert.Equal(ErrorCodes.OvfPropertyUnknown, unknown.Code);
        Assert.Contains("net.size.1", unknown.Message);
        Assert.DoesNotContain("net.fixed.1", unknown.Message);
        var notConfigurable = Assert.Throws<VmDeployException>(() => s_ovf.ResolveProperties(new Dictionary<string, string> { ["fixed"] = "y" }, null));
        Assert.Equal(ErrorCodes.OvfPropertyNotConfigurable, notConfigurable.Code);
        var none = Assert.Throws<VmDeployException>(() => OvfDescriptor.Parse(Encoding.UTF8.GetString(new OvaBuilder().Entries()[0].Content), "x.ovf").GetProperty("a"));
        Assert.Contains("no properties", none.Message);
    }

    [Fact]
    public void An_ambiguous_key_names_the_full_ones()
    {
        var sections = "<ProductSection ovf:class=\"a\"><Property ovf:key=\"k\"/></ProductSection><ProductSection ovf:class=\"b\"><Property ovf:key=\"k\"/></ProductSection>";
        var ovf = OvfDescriptor.Parse(Encoding.UTF8.GetString(new OvaBuilder { ProductSections = sections }.Entries()[0].Content), "x.ovf");
        var error = Assert.Throws<VmDeployException>(() => ovf.GetProperty("k"));
        Assert.Equal(ErrorCodes.OvfPropertyUnknown, error.Code);
        Assert.Contains("'a.k', 'b.k'", error.Message);
        Assert.Equal("b", ovf.GetProperty("b.k").Class);
    }
}

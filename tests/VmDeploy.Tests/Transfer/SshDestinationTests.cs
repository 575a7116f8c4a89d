using VmDeploy.Transfer;
using Xunit;

namespace VmDeploy.Tests.Transfer;

public sealed class SshDestinationTests
{
    [Theory]
    [InlineData("xen1", "xen1", "xen1", null)]
    [InlineData("root@xen1.example.com", "root@xen1.example.com", "xen1.example.com", null)]
    [InlineData("root@10.0.0.1:2222", "root@10.0.0.1", "10.0.0.1", 2222)]
    [InlineData(@"DOM\me@corp@jump_box", @"DOM\me@corp@jump_box", "jump_box", null)]
    [InlineData("root@[fe80::1%eth0]:22", "root@fe80::1%eth0", "fe80::1%eth0", 22)]
    [InlineData("[::1]", "::1", "::1", null)]
    [InlineData("root@[fe80::1%25]", "root@fe80::1%25", "fe80::1%25", null)]
    [InlineData("1a", "1a", "1a", null)]
    [InlineData("1.2.3.example", "1.2.3.example", "1.2.3.example", null)]
    public void Is_read(string text, string login, string host, int? port) =>
        Assert.Equal(new SshDestination(login, host, port), SshDestination.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("root@")]
    [InlineData("two words")]
    [InlineData("-oProxyCommand=touch marker")]
    [InlineData("-oProxyCommand=x")]
    [InlineData("-x@host")]
    [InlineData("root@-x")]
    [InlineData("[-x]")]
    [InlineData("a\"b@host")]
    [InlineData("host:0")]
    [InlineData("host:65536")]
    [InlineData("fe80::1")]
    [InlineData("host:ssh")]
    [InlineData("u@@host")]
    [InlineData("@host")]
    [InlineData("u@[::1%eth0]")]
    [InlineData("u@[1.2.3.4]")]
    [InlineData("u@[fe80::1%25lo]")]
    [InlineData("u@1.2.3")]
    [InlineData("u@0x7f.1")]
    [InlineData("0X7F000001")]
    [InlineData("127.0x0.0.1")]
    [InlineData("1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.256")]
    [InlineData("010.0.0.1")]
    [InlineData("...")]
    [InlineData("host\0")]
    [InlineData("u\0@host")]
    [InlineData("host\n")]
    [InlineData("host;touch")]
    [InlineData("$(id)@host")]
    [InlineData("host:\u0662\u0662")]
    public void Nothing_else_reaches_ssh(string text)
    {
        var error = Assert.Throws<VmDeployException>(() => SshDestination.Parse(text));
        Assert.Equal("SshDestinationInvalid", error.Code.Id);
    }
}

using System.Net;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Transfer;
using VmDeploy.Vsphere;
using Xunit;
using Xunit.Sdk;

namespace VmDeploy.Tests.Support;

public sealed class SoapSchemaTests
{
    private static readonly XElement s_user = VimXml.El("userName", "root");
    private static readonly XElement s_password = VimXml.El("password", "secret");

    [SkippableFact]
    public async Task A_request_in_schema_order_is_sent()
    {
        SoapSchema.Require();
        // No server listens there: if the connection is refused, the request has passed the check.
        var failure = await Assert.ThrowsAsync<VmDeployException>(() => LoginAsync(s_user, s_password));
        Assert.Equal(ErrorCodes.HostUnreachable, failure.Code);
    }

    [SkippableFact]
    public async Task A_misordered_request_fails_the_test_that_sends_it()
    {
        SoapSchema.Require();
        var failure = await Assert.ThrowsAsync<XunitException>(() => LoginAsync(s_password, s_user));
        Assert.Contains("invalid child element 'password'", failure.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_unknown_element_or_type_fails_too()
    {
        SoapSchema.Require();
        await Assert.ThrowsAsync<XunitException>(() => LoginAsync(s_user, s_password, VimXml.El("colour", "blue")));
        await Assert.ThrowsAsync<XunitException>(() => LoginAsync(VimXml.Typed("userName", "NoSuchType", "root"), s_password));
    }

    private static async Task LoginAsync(params XElement[] arguments)
    {
        var options = new ConnectOptions("127.0.0.1", new NetworkCredential("root", "secret")) { Port = 1, UseTls = false, WrapHandler = WireContract.Check };
        using var soap = new SoapClient(new HttpTransport(options, NullLogger.Instance), options.Retries, NullLogger.Instance);
        await soap.CallOnceAsync(new MoRef("SessionManager", "ha-sessionmgr"), "Login", TimeSpan.Zero, CancellationToken.None, arguments);
    }
}

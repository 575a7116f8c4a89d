using System.Net;
using System.Text.RegularExpressions;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Transfer;
using Xunit;

namespace VmDeploy.Tests.Vsphere;

/// <summary>Where the URLs of a lease may point: to the host of the session, over TLS if the session uses it.</summary>
public sealed class LeaseUrlTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("http://127.0.0.1:{0}/nfc/1/disk-0.vmdk", "which is not https")]
    [InlineData("https://192.0.2.7/nfc/1/disk-0.vmdk", "another host, 192.0.2.7")]
    [InlineData("file:///etc/passwd", "which is not an http address")]
    [InlineData("gopher://127.0.0.1:{0}/nfc/1/disk-0.vmdk", "which is not an http address")]
    [InlineData("/nfc/1/disk-0.vmdk", "which is not an http address")]
    [InlineData("nfc/1/disk-0.vmdk", "which is not an http address")]
    [InlineData("https://[/nfc/1/disk-0.vmdk", "which is not an http address")]
    [InlineData("https://*", "which is not an http address")]
    [InlineData("https://", "which is not an http address")]
    [InlineData("", "which is not an http address")]
    public async Task A_lease_does_not_send_the_disks_elsewhere(string url, string reason)
    {
        using var elsewhere = new HostileServer((_, stream) => stream.WriteAsync(HostileServer.Reply("")).AsTask());
        var given = string.Format(System.Globalization.CultureInfo.InvariantCulture, url, elsewhere.Port);
        await using var host = await StartAsync(given);

        Assert.Empty(await host.ImportAsync(new OvaImportRequest(new OvaBuilder().WriteOva(_folder)) { Names = ["web1"] }));

        var error = host.Failures["web1"];
        Assert.Equal("UnexpectedReply", error.Code.Id);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(host.Before, host.Picture());
        Assert.Empty(elsewhere.Requests);
        Assert.Equal(0, host.Simulator.BytesUploaded);
    }

    [Fact]
    public async Task An_asterisk_stands_for_the_host_of_the_session()
    {
        await using var host = await StartAsync(null);
        Assert.Single(await host.ImportAsync(new OvaImportRequest(new OvaBuilder().WriteOva(_folder)) { Names = ["web1"] }));
    }

    private static Task<SimulatedHost> StartAsync(string? url) => SimulatedHost.StartAsync(via: options => options with
    {
        WrapHandler = inner => new OtherUrl(url, WireContract.Check(inner)),
        Retries = options.Retries with { BeforeSecondLook = () => Task.CompletedTask },
    });

    // Replaces the URL in the host's replies about its leases.
    private sealed class OtherUrl(string? url, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.AbsolutePath != "/sdk" || url is null)
                return await base.SendAsync(request, cancellationToken);
            request.Headers.AcceptEncoding.Clear();
            var response = await base.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            var type = response.Content.Headers.ContentType;
            response.Content = new StringContent(Regex.Replace(text, "<url>[^<]*</url>", $"<url>{WebUtility.HtmlEncode(url)}</url>"));
            response.Content.Headers.ContentType = type;
            return response;
        }
    }
}

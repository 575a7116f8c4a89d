using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using Xunit;

namespace VmDeploy.Tests.Simulator;

public sealed class SoapStrictnessTests : IAsyncLifetime
{
    private const string Folder = "<_this type=\"Folder\">ha-folder-vm</_this>";
    private const string Pool = "<pool type=\"ResourcePool\">ha-root-pool</pool>";

    private EsxiSimulator _host = null!;
    private RawSoap _soap = null!;

    public async Task InitializeAsync()
    {
        _host = await EsxiSimulator.StartAsync();
        _soap = await RawSoap.LoginAsync(_host);
    }

    public async Task DisposeAsync()
    {
        _soap.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("an element out of order", "\"name\"",
        $"<CreateVM_Task>{Folder}<config><guestId>otherGuest</guestId><name>a</name></config>{Pool}</CreateVM_Task>")]
    [InlineData("a parameter out of order", "config",
        $"<CreateVM_Task>{Folder}{Pool}<config><name>a</name></config></CreateVM_Task>")]
    [InlineData("a derived type's element before its base's", "key",
        $"<CreateVM_Task>{Folder}<config><deviceChange><operation>add</operation><device xsi:type=\"VirtualDisk\"><capacityInKB>1</capacityInKB><key>1</key></device></deviceChange></config>{Pool}</CreateVM_Task>")]
    [InlineData("a repeated element", "\"name\"", $"<CreateVM_Task>{Folder}<config><name>a</name><name>b</name></config>{Pool}</CreateVM_Task>")]
    [InlineData("an unknown element", "\"colour\"", $"<CreateVM_Task>{Folder}<config><colour>red</colour></config>{Pool}</CreateVM_Task>")]
    [InlineData("a missing parameter", "pool", $"<CreateVM_Task>{Folder}<config/></CreateVM_Task>")]
    [InlineData("a missing element", "capacityInKB",
        $"<CreateVM_Task>{Folder}<config><deviceChange><device xsi:type=\"VirtualDisk\"><key>1</key></device></deviceChange></config>{Pool}</CreateVM_Task>")]
    [InlineData("a number that is none", "xsd:int", $"<CreateVM_Task>{Folder}<config><numCPUs>two</numCPUs></config>{Pool}</CreateVM_Task>")]
    [InlineData("an unknown enumeration value", "grow",
        $"<CreateVM_Task>{Folder}<config><deviceChange><operation>grow</operation><device><key>1</key></device></deviceChange></config>{Pool}</CreateVM_Task>")]
    [InlineData("a type that does not fit", "VirtualCdrom is no",
        $"<CreateVM_Task>{Folder}<config><deviceChange><device><key>1</key><backing xsi:type=\"VirtualCdrom\"/></device></deviceChange></config>{Pool}</CreateVM_Task>")]
    [InlineData("a reference without type", "attribute type", $"<CreateVM_Task>{Folder}<config/><pool>ha-root-pool</pool></CreateVM_Task>")]
    [InlineData("a method that is none", "MakeCoffee", "<MakeCoffee><_this type=\"ServiceInstance\">ServiceInstance</_this></MakeCoffee>")]
    public async Task What_the_schema_forbids_is_refused_and_named(string what, string named, string method)
    {
        var fault = await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(method));
        Assert.True(fault.Type == "InvalidRequest", what);
        Assert.Contains(named, fault.Message);
        Assert.Contains("while parsing SOAP body", fault.Message);
        Assert.Empty(_host.Vms);
    }

    [Fact]
    public async Task An_element_that_is_newer_than_the_host_is_unknown_to_it()
    {
        await using var old = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { ApiVersion = "7.0.2.0" });
        using var soap = RawSoap.Anonymous(old);
        soap.SoapAction = "urn:vim25/7.0.2.0";
        await soap.LoginAsync();
        const string spec = "<deviceChange><operation>add</operation><device xsi:type=\"VirtualCdrom\"><key>1</key>{0}</device></deviceChange>";
        string Create(string extra) => $"<CreateVM_Task>{Folder}<config>{spec.Replace("{0}", extra)}</config>{Pool}</CreateVM_Task>";

        var fault = await Assert.ThrowsAsync<RawFault>(() => soap.CallAsync(Create("<numaNode>0</numaNode>")));
        Assert.Contains("\"numaNode\"", fault.Message);
        Assert.Equal("InvalidRequest", fault.Type);
        // Without it the request is read, and fails only because it is missing.
        Assert.Equal("InvalidArgument", (await Assert.ThrowsAsync<RawFault>(() => soap.CallAsync(Create("")))).Type);
    }

    [Theory]
    [InlineData("urn:vim25/7.0.9.0")]
    [InlineData("urn:vim25/internal")]
    [InlineData("urn:other/8.0.2.0")]
    public async Task A_version_that_the_host_does_not_speak_is_refused(string action)
    {
        _soap.SoapAction = action;
        var fault = await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync("<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>"));
        Assert.Equal("InvalidRequest", fault.Type);
        Assert.Contains(action, fault.Message);
    }

    [Fact]
    public async Task A_version_that_is_newer_than_the_host_is_answered_in_its_own()
    {
        await using var old = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { ApiVersion = "7.0.2.0" });
        using var soap = RawSoap.Anonymous(old);
        soap.SoapAction = "urn:vim25/9.1.0.0";
        await soap.LoginAsync();
        var fault = await Assert.ThrowsAsync<RawFault>(() => soap.CallAsync(
            $"<CreateVM_Task>{Folder}<config><deviceChange><operation>add</operation><device xsi:type=\"VirtualCdrom\"><key>1</key><numaNode>0</numaNode></device></deviceChange></config>{Pool}</CreateVM_Task>"));
        Assert.Contains("\"numaNode\"", fault.Message);
    }

    [Theory]
    [InlineData("this is no XML")]
    [InlineData("<a><b></a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    [InlineData("<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body/></soapenv:Envelope>")]
    public async Task What_is_no_envelope_is_refused(string text) =>
        Assert.Equal("InvalidRequest", (await Assert.ThrowsAsync<RawFault>(() => _soap.SendAsync(text))).Type);

    [Fact]
    public async Task Prefixes_do_not_matter()
    {
        await _soap.SendAsync(
            """
            <S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" xmlns:v="urn:vim25"><S:Header><v:operationID>1</v:operationID></S:Header>
              <S:Body><v:CurrentTime><v:_this type="ServiceInstance">ServiceInstance</v:_this></v:CurrentTime></S:Body></S:Envelope>
            """);
    }

    [Fact]
    public async Task An_unknown_object_is_named()
    {
        var fault = await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync("<PowerOnVM_Task><_this type=\"VirtualMachine\">4711</_this></PowerOnVM_Task>"));
        Assert.Equal("ManagedObjectNotFound", fault.Type);
        Assert.Equal("4711", fault.Detail.Element(RawSoap.Vim + "obj")!.Value);
    }

    [Fact]
    public async Task A_method_of_another_type_is_not_found() =>
        Assert.Equal("MethodNotFound", (await Assert.ThrowsAsync<RawFault>(
            () => _soap.CallAsync("<PowerOnVM_Task><_this type=\"Folder\">ha-folder-vm</_this></PowerOnVM_Task>"))).Type);

    [Fact]
    public async Task Without_a_cookie_nothing_but_the_login_is_answered()
    {
        using var stranger = RawSoap.Anonymous(_host);
        await stranger.CallAsync("<RetrieveServiceContent><_this type=\"ServiceInstance\">ServiceInstance</_this></RetrieveServiceContent>");
        foreach (var cookie in new[] { null, "vmware_soap_session=\"0123\"" })
        {
            stranger.Cookie = cookie;
            var fault = await Assert.ThrowsAsync<RawFault>(() => stranger.CallAsync("<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>"));
            Assert.Equal("NotAuthenticated", fault.Type);
        }
    }

    [Fact]
    public async Task The_cookie_is_quoted_and_closed_by_logout()
    {
        Assert.Matches("^vmware_soap_session=\"[0-9a-f]{40}\"$", _soap.Cookie);
        Assert.Equal(1, _host.OpenSessions);
        await _soap.CallAsync($"<Logout>{_soap.SessionManager}</Logout>");
        Assert.Equal(0, _host.OpenSessions);
        Assert.Equal("NotAuthenticated", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync($"<Logout>{_soap.SessionManager}</Logout>"))).Type);
    }

    [Fact]
    public async Task Over_https_the_cookie_is_secure()
    {
        using var http = new HttpClient(new HttpClientHandler { UseCookies = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        var login = RawSoap.Envelope($"<Login>{_soap.SessionManager}<userName>{_host.UserName}</userName><password>{_host.Password}</password></Login>");
        using var reply = await http.PostAsync(_host.Url + "sdk", new StringContent(login));
        Assert.EndsWith("; Path=/; HttpOnly; Secure;", reply.Headers.GetValues("Set-Cookie").Single());
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        using var stranger = RawSoap.Anonymous(_host);
        var fault = await Assert.ThrowsAsync<RawFault>(() => stranger.CallAsync($"<Login>{_soap.SessionManager}<userName>root</userName><password>no</password></Login>"));
        Assert.Equal("InvalidLogin", fault.Type);
    }

    [Fact]
    public async Task SessionIsActive_is_for_vCenter_only()
    {
        var key = (await _soap.ReadAsync("SessionManager", "ha-sessionmgr", "currentSession.key"))["currentSession.key"].Value;
        var call = $"<sessionID>{key}</sessionID><userName>root</userName></SessionIsActive>";
        Assert.Equal("NotSupported", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync($"<SessionIsActive>{_soap.SessionManager}{call}"))).Type);

        await using var vCenter = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { Mode = EsxiMode.VCenter });
        using var soap = await RawSoap.LoginAsync(vCenter);
        key = (await soap.ReadAsync("SessionManager", "SessionManager", "currentSession.key"))["currentSession.key"].Value;
        var reply = await soap.CallAsync($"<SessionIsActive>{soap.SessionManager}<sessionID>{key}</sessionID><userName>root</userName></SessionIsActive>");
        Assert.Equal("true", reply.Value);
    }

    [Fact]
    public async Task Replies_are_packed_when_asked()
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("Accept-Encoding", "gzip");
        var body = RawSoap.Envelope("<RetrieveServiceContent><_this type=\"ServiceInstance\">ServiceInstance</_this></RetrieveServiceContent>");
        using var reply = await http.PostAsync(_host.HttpUrl + "sdk", new StringContent(body));
        Assert.Equal("gzip", reply.Content.Headers.ContentEncoding.Single());
        await using var unpacked = new System.IO.Compression.GZipStream(await reply.Content.ReadAsStreamAsync(), System.IO.Compression.CompressionMode.Decompress);
        Assert.Contains("ha-folder-root", (await XDocument.LoadAsync(unpacked, LoadOptions.None, default)).ToString());
    }

    [Fact]
    public async Task Versions_are_told_without_login_and_an_internal_id_may_stand_on_top()
    {
        await using var odd = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { InternalVersionOnTop = true });
        using var http = new HttpClient();
        var versions = XDocument.Parse(await http.GetStringAsync(odd.HttpUrl + "sdk/vimServiceVersions.xml"));
        var space = versions.Root!.Elements("namespace").First();
        Assert.Equal("urn:vim25", space.Element("name")!.Value);
        Assert.DoesNotMatch("^[0-9.]+$", space.Element("version")!.Value);
        Assert.Equal("8.0.2.0", space.Element("priorVersions")!.Elements("version").First().Value);
    }

    [Fact]
    public async Task Every_request_is_kept_as_it_came()
    {
        var envelope = RawSoap.Envelope("<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>");
        await _soap.SendAsync(envelope);
        var last = _host.Requests[^1];
        Assert.Equal(("CurrentTime", "urn:vim25/8.0.2.0", envelope), (last.Method, last.SoapAction, last.Xml));
    }

    [Fact]
    public async Task Expired_sessions_must_log_in_again()
    {
        _host.Faults.ExpireSessions();
        const string call = "<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>";
        Assert.Equal("NotAuthenticated", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(call))).Type);
        _soap.Cookie = null;
        await _soap.LoginAsync();
        await _soap.CallAsync(call);
        _host.Faults.ExpireSessionAtCall(2);
        await _soap.CallAsync(call);
        Assert.Equal("NotAuthenticated", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(call))).Type);
    }

    [Fact]
    public async Task Ordered_faults_come_as_often_as_ordered()
    {
        const string call = "<CurrentTime><_this type=\"ServiceInstance\">ServiceInstance</_this></CurrentTime>";
        _host.Faults.FailMethod("CurrentTime", "HostConnectFault", "as ordered", times: 2, skip: 1);
        await _soap.CallAsync(call);
        Assert.Equal("as ordered", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(call))).Message);
        Assert.Equal("HostConnectFault", (await Assert.ThrowsAsync<RawFault>(() => _soap.CallAsync(call))).Type);
        await _soap.CallAsync(call);
        _host.Faults.DropReply("CurrentTime");
        await Assert.ThrowsAsync<HttpRequestException>(() => _soap.CallAsync(call));
        await _soap.CallAsync(call);
    }

    [Fact]
    public async Task Too_many_sessions_are_turned_away()
    {
        await using var small = await EsxiSimulator.StartAsync(new EsxiSimulatorOptions { MaxSessions = 1 });
        using var first = await RawSoap.LoginAsync(small);
        using var http = new HttpClient();
        var login = RawSoap.Envelope($"<Login>{first.SessionManager}<userName>{small.UserName}</userName><password>{small.Password}</password></Login>");
        using var reply = await http.PostAsync(small.HttpUrl + "sdk", new StringContent(login));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, reply.StatusCode);
    }
}

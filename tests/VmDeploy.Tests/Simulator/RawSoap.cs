using System.Net;
using System.Text;
using System.Xml.Linq;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Tests.Support;
using Xunit;

namespace VmDeploy.Tests.Simulator;

/// <summary>
/// Sends hand-written XML to the simulator, so that the wire is tested and not the client. Every reply that is
/// no fault is checked against the official schema if that is available.
/// </summary>
internal sealed class RawSoap : IDisposable
{
    public static readonly XNamespace Vim = "urn:vim25";
    private static readonly XNamespace s_soap = "http://schemas.xmlsoap.org/soap/envelope/";

    private readonly HttpClient _http;
    private readonly EsxiSimulator _host;

    private RawSoap(EsxiSimulator host)
    {
        _host = host;
        _http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = host.HttpUrl };
    }

    public string SoapAction { get; set; } = "urn:vim25/8.0.2.0";

    /// <summary>The cookie of the last login, without its attributes.</summary>
    public string? Cookie { get; set; }

    /// <summary>The last response; calls can run in parallel.</summary>
    public HttpResponseMessage? Response { get; private set; }

    private bool IsVCenter => _host.Options.Mode == EsxiMode.VCenter;

    public string Collector => $"""<_this type="PropertyCollector">{(IsVCenter ? "propertyCollector" : "ha-property-collector")}</_this>""";

    public string SessionManager => $"""<_this type="SessionManager">{(IsVCenter ? "SessionManager" : "ha-sessionmgr")}</_this>""";

    public static RawSoap Anonymous(EsxiSimulator host) => new(host);

    public static async Task<RawSoap> LoginAsync(EsxiSimulator host)
    {
        var soap = new RawSoap(host);
        await soap.LoginAsync();
        return soap;
    }

    public async Task LoginAsync()
    {
        await CallAsync($"<Login>{SessionManager}<userName>{_host.UserName}</userName><password>{_host.Password}</password></Login>");
        Cookie = Response!.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    /// <summary>An envelope around the element of a method, whose namespace is added.</summary>
    public static string Envelope(string method)
    {
        var end = method.AsSpan().IndexOfAny(' ', '>', '/');
        return "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
            + $" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{method[..end]} xmlns=\"urn:vim25\"{method[end..]}</soapenv:Body></soapenv:Envelope>";
    }

    /// <summary>Calls a method and returns the response element; a fault is thrown.</summary>
    public Task<XElement> CallAsync(string method) => SendAsync(Envelope(method));

    /// <summary>Sends a whole envelope.</summary>
    public async Task<XElement> SendAsync(string envelope)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk") { Content = new StringContent(envelope, Encoding.UTF8, "text/xml") };
        request.Headers.TryAddWithoutValidation("SOAPAction", $"\"{SoapAction}\"");
        if (Cookie is not null)
            request.Headers.TryAddWithoutValidation("Cookie", Cookie);
        var response = await _http.SendAsync(request);
        Response = response;
        var text = await response.Content.ReadAsStringAsync();
        var body = XDocument.Parse(text).Root!.Element(s_soap + "Body")!.Elements().Single();
        if (body.Name == s_soap + "Fault")
        {
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
            throw new RawFault(body);
        }
        if (SoapSchema.IsAvailable)
            Assert.Equal([], SoapSchema.Validate(Encoding.UTF8.GetBytes(text)));
        return body;
    }

    /// <summary>Reads properties of one object by path; what is not set is not in the result.</summary>
    public async Task<Dictionary<string, XElement>> ReadAsync(string type, string id, params string[] paths)
    {
        var response = await CallAsync($"<RetrievePropertiesEx>{Collector}<specSet><propSet><type>{type}</type>"
            + string.Concat(paths.Select(p => $"<pathSet>{p}</pathSet>"))
            + $"</propSet><objectSet><obj type=\"{type}\">{id}</obj></objectSet></specSet><options/></RetrievePropertiesEx>");
        return response.Descendants(Vim + "propSet").ToDictionary(p => p.Element(Vim + "name")!.Value, p => p.Element(Vim + "val")!);
    }

    /// <summary>Calls a method that starts a task, waits for its end by the property collector and returns its info.</summary>
    public async Task<XElement> RunAsync(string method)
    {
        var task = (await CallAsync(method)).Element(Vim + "returnval")!.Value;
        await WaitAsync("Task", task, "info.state", "success", "error");
        return (await ReadAsync("Task", task, "info"))["info"];
    }

    /// <summary>Like <see cref="RunAsync"/>, for a task that must succeed. Returns its result's value.</summary>
    public async Task<string?> SucceedAsync(string method)
    {
        var info = await RunAsync(method);
        Assert.True(info.Element(Vim + "state")!.Value == "success", info.ToString());
        return info.Element(Vim + "result")?.Value;
    }

    /// <summary>Like <see cref="RunAsync"/>, for a task that must fail. Returns the type of the fault.</summary>
    public async Task<string> FailAsync(string method)
    {
        var info = await RunAsync(method);
        Assert.True(info.Element(Vim + "state")!.Value == "error", info.ToString());
        return TypeOf(info.Element(Vim + "error")!.Element(Vim + "fault")!)!;
    }

    /// <summary>Waits until a property has one of some values, and returns it.</summary>
    public async Task<string> WaitAsync(string type, string id, string path, params string[] values)
    {
        var filter = (await CallAsync($"<CreateFilter>{Collector}<spec><propSet><type>{type}</type><pathSet>{path}</pathSet></propSet>"
            + $"<objectSet><obj type=\"{type}\">{id}</obj></objectSet></spec><partialUpdates>false</partialUpdates></CreateFilter>")).Value;
        try
        {
            for (var version = ""; ;)
            {
                var updates = (await CallAsync($"<WaitForUpdatesEx>{Collector}<version>{version}</version>"
                    + "<options><maxWaitSeconds>20</maxWaitSeconds></options></WaitForUpdatesEx>")).Element(Vim + "returnval");
                Assert.True(updates is not null, $"{path} of {id} did not become {string.Join(" or ", values)}");
                version = updates.Element(Vim + "version")!.Value;
                if (updates.Descendants(Vim + "val").Select(v => v.Value).LastOrDefault(values.Contains) is { } value)
                    return value;
            }
        }
        finally
        {
            await CallAsync($"<DestroyPropertyFilter><_this type=\"PropertyFilter\">{filter}</_this></DestroyPropertyFilter>");
        }
    }

    /// <summary>The xsi:type of an element.</summary>
    public static string? TypeOf(XElement element) => (string?)element.Attribute(XName.Get("type", "http://www.w3.org/2001/XMLSchema-instance"));

    public void Dispose() => _http.Dispose();
}

/// <summary>A SOAP fault.</summary>
internal sealed class RawFault(XElement fault) : Exception(fault.Element("faultstring")!.Value)
{
    /// <summary>Type of its detail, for example NotAuthenticated.</summary>
    public string Type { get; } = RawSoap.TypeOf(fault.Element("detail")!.Elements().Single())!;

    public XElement Detail { get; } = fault.Element("detail")!.Elements().Single();
}

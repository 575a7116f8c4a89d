using System.Net;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using VmDeploy.Transfer;
using VmDeploy.Vsphere;
using VmDeploy.Xapi;

namespace VmDeploy.Tests.Replies;

/// <summary>A host whose replies a test writes by hand: no network, no simulator.</summary>
/// <param name="answer">Gets the name of the method and the number of calls so far, and gives the body of the reply.</param>
internal sealed class CannedHost(Func<string, int, string> answer) : HttpMessageHandler
{
    public const string ServiceContentXml = """
        <returnval xmlns="urn:vim25"><rootFolder type="Folder">f</rootFolder><propertyCollector type="PropertyCollector">pc</propertyCollector>
        <viewManager type="ViewManager">vm</viewManager><about><fullName>x</fullName><version>8.0.0</version><apiType>HostAgent</apiType></about>
        <sessionManager type="SessionManager">sm</sessionManager><taskManager type="TaskManager">tm</taskManager></returnval>
        """;

    private readonly List<string> _calls = [];

    /// <summary>The methods that were called.</summary>
    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
                return _calls.ToList();
        }
    }

    public ConnectOptions Options => new("canned.invalid", new NetworkCredential("root", "x")) { WrapHandler = _ => this, Retries = new(Fast, Fast) };

    public static RetryPolicy Fast { get; } = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

    /// <summary>A SOAP reply.</summary>
    public static string Soap(string method, string content) =>
        $"""<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><{method}Response xmlns="urn:vim25">{content}</{method}Response></Body></Envelope>""";

    /// <summary>A SOAP fault of vim25.</summary>
    public static string Fault(string type) =>
        $"""<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Fault><faultcode>x</faultcode><faultstring>{type}</faultstring><detail xmlns=""><{type}Fault xmlns="urn:vim25"/></detail></Fault></Body></Envelope>""";

    /// <summary>A successful XML-RPC reply.</summary>
    public static string Success(string value) =>
        $"<methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value></member><member><name>Value</name>{value}</member></struct></value></param></params></methodResponse>";

    /// <summary>A SOAP client of this host that is logged in.</summary>
    public async Task<SoapClient> SoapAsync(TimeSpan? taskPatience = null)
    {
        var options = Patient(taskPatience);
        var soap = new SoapClient(new HttpTransport(options, NullLogger.Instance), options.Retries, NullLogger.Instance);
        await soap.LoginAsync(new MoRef("SessionManager", "sm"), new NetworkCredential("root", "x"), CancellationToken.None);
        return soap;
    }

    public static ServiceContent Content => new(XElement.Parse(ServiceContentXml));

    /// <summary>A XenAPI client of this host that is logged in.</summary>
    public async Task<XapiClient> XapiAsync(TimeSpan? taskPatience = null)
    {
        var client = new XapiClient(Patient(taskPatience), NullLogger.Instance);
        await client.LoginAsync(CancellationToken.None);
        return client;
    }

    private ConnectOptions Patient(TimeSpan? taskPatience) =>
        taskPatience is { } patience ? Options with { Retries = Options.Retries with { TaskPatience = patience } } : Options;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var body = XElement.Parse(await request.Content!.ReadAsStringAsync(cancellationToken));
        var method = body.Name.LocalName == "methodCall" ? body.Element("methodName")!.Value
            : body.Elements().Single().Elements().Single().Name.LocalName;
        int count;
        lock (_calls)
        {
            _calls.Add(method);
            count = _calls.Count(c => c == method);
        }
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new ByteArrayContent(Encoding.UTF8.GetBytes(answer(method, count))) };
    }
}

using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Transfer;
using Xunit.Sdk;

namespace VmDeploy.Tests.Support;

/// <summary>
/// Checks every XenAPI call of every session in this process before it leaves, as <see cref="SoapSchemaHandler"/> does for SOAP.
/// </summary>
internal sealed class XapiDatamodelHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    [ModuleInitializer]
    internal static void Install()
    {
        var others = HttpTransport.WrapAll;
        HttpTransport.WrapAll = inner => new XapiDatamodelHandler(others(inner));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && request.RequestUri?.AbsolutePath is "/" or "/RPC2" && XapiDatamodel.IsAvailable)
        {
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            var violations = XapiDatamodel.Validate(body);
            if (violations.Count > 0)
                throw new XunitException($"{string.Join("\n", violations)}\nin the call\n{Encoding.UTF8.GetString(body)}");
        }
        return await base.SendAsync(request, cancellationToken);
    }
}

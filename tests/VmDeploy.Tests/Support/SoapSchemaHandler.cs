using System.Net.Http;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Transfer;
using Xunit.Sdk;

namespace VmDeploy.Tests.Support;

/// <summary>
/// Validates every SOAP request of every session in this process before it leaves. A violation is thrown where the request
/// was sent, as an exception that nothing in Core catches, and so fails the test that sent it.
/// </summary>
internal sealed class SoapSchemaHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    [ModuleInitializer]
    internal static void Install()
    {
        var others = HttpTransport.WrapAll;
        HttpTransport.WrapAll = inner => new SoapSchemaHandler(others(inner));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && request.RequestUri?.AbsolutePath == "/sdk" && SoapSchema.IsAvailable)
        {
            var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
            var violations = SoapSchema.Validate(body);
            if (violations.Count > 0)
                throw new XunitException($"{string.Join("\n", violations)}\nin the request\n{Encoding.UTF8.GetString(body)}");
        }
        return await base.SendAsync(request, cancellationToken);
    }
}

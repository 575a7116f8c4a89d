using System.Text;
using VmDeploy.Simulator.Esxi;
using VmDeploy.Simulator.Xapi;
using Xunit.Sdk;

namespace VmDeploy.Tests.Support;

/// <summary>
/// Checks requests against the official descriptions: SOAP against the schema, XenAPI calls against the datamodel. Every
/// factory of <see cref="ConnectOptions"/> in the tests installs it; a test with its own handler puts that in front.
/// </summary>
internal static class WireContract
{
    /// <summary>
    /// For <see cref="ConnectOptions.WrapHandler"/>: checks each request before it leaves. A violation is thrown where the request
    /// was sent, as an exception that nothing in Core catches, so that the test fails.
    /// </summary>
    public static HttpMessageHandler Check(HttpMessageHandler inner) => new Handler(inner);

    /// <summary>Checks the requests that a simulator got from a session whose options the test did not create.</summary>
    public static void Check(EsxiSimulator simulator)
    {
        foreach (var request in SoapSchema.IsAvailable ? simulator.Requests : [])
            ThrowIfAny(SoapSchema.Validate(Encoding.UTF8.GetBytes(request.Xml)), request.Xml);
    }

    /// <inheritdoc cref="Check(EsxiSimulator)"/>
    public static void Check(XapiSimulator simulator)
    {
        foreach (var call in XapiDatamodel.IsAvailable ? simulator.Calls.Where(call => !call.Body.IsEmpty) : [])
            ThrowIfAny(XapiDatamodel.Validate(call.Body.ToArray()), call.Method);
    }

    private static void ThrowIfAny(IReadOnlyList<string> violations, string request)
    {
        if (violations.Any())
            throw new XunitException($"{string.Join("\n", violations)}\nin the request\n{request}");
    }

    private sealed class Handler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.Method == HttpMethod.Post ? request.RequestUri?.AbsolutePath : null;
            if (path == "/sdk" && SoapSchema.IsAvailable)
            {
                var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
                ThrowIfAny(SoapSchema.Validate(body), Encoding.UTF8.GetString(body));
            }
            else if (path is "/" or "/RPC2" && XapiDatamodel.IsAvailable)
            {
                var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
                ThrowIfAny(XapiDatamodel.Validate(body), Encoding.UTF8.GetString(body));
            }
            return await base.SendAsync(request, cancellationToken);
        }
    }
}

using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Screenshots of the console of a VM, at <c>/screen?id=</c>.</summary>
internal sealed class ScreenEndpoint(EsxiHost host)
{
    public async Task AnswerAsync(HttpContext http)
    {
        if (!host.Sessions.Admits(http.Request, host.Options))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"VMware HTTP server\"";
            return;
        }
        if (!HttpMethods.IsGet(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        var id = http.Request.Query["id"].ToString();
        bool isKnown, isRunning;
        lock (host.Gate)
        {
            var vm = host.All<VirtualMachine>().FirstOrDefault(v => v.Self.Value == id);
            (isKnown, isRunning) = (vm is not null, vm?.IsRunning == true);
        }
        if (!isKnown)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!isRunning || host.Faults.TakeScreen())
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await http.Response.WriteAsync("MKS is not available");
            return;
        }
        http.Response.ContentType = "image/png";
        await http.Response.Body.WriteAsync(ConsolePicture.Png());
    }
}

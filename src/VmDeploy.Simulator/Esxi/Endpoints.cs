using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Vms;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Esxi;

/// <summary>Who answers which path.</summary>
internal sealed class Endpoints(EsxiHost host, RequestLog log, Upload upload, LinkLimiter link)
{
    private readonly SoapEndpoint _soap = new(host, log);
    private readonly NfcEndpoint _nfc = new(host, upload, link);
    private readonly FolderEndpoint _folder = new(host, upload);
    private readonly ScreenEndpoint _screen = new(host);
    private readonly FaultEndpoint? _faults = host.Options.FaultEndpoint ? new(host.Faults) : null;

    public Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        switch (path.TrimStart('/').Split('/'))
        {
            case ["sdk"] or ["sdk", ""] or ["sdk", "vimService"]:
                return _soap.AnswerAsync(http);
            case ["sdk", "vimServiceVersions.xml"]:
                http.Response.ContentType = "text/xml";
                return http.Response.WriteAsync(host.Versions.ToXml());
            case ["nfc" or "ha-nfc", var ticket, var name]:
                return _nfc.AnswerAsync(http, ticket, name);
            case ["screen"] when !host.Faults.HasNoScreenPage:
                return _screen.AnswerAsync(http);
            case ["folder", ..]:
                return _folder.AnswerAsync(http);
            case ["simulator", "faults", .. var rest] when _faults is not null:
                return _faults.AnswerAsync(http, string.Join('/', rest));
            default:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }
}

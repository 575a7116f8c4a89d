using System.IO.Compression;
using System.Text;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Sessions;

namespace VmDeploy.Simulator.Esxi.Soap;

/// <summary>Answers POSTs to /sdk.</summary>
internal sealed class SoapEndpoint(EsxiHost host, RequestLog log)
{
    // vCenter's own limit.
    private const int MaxVCenterRequest = 20_000_000;

    public async Task AnswerAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var xml = await reader.ReadToEndAsync(http.RequestAborted);
        var action = http.Request.Headers["SOAPAction"].ToString().Trim('"', ' ');
        var version = host.Versions.Of(action);
        var method = "";
        int status;
        byte[] reply;
        try
        {
            if (version is null)
                throw VimFault.InvalidRequest($"Unsupported version URI \"{action}\"\n\nwhile parsing SOAP header");
            if (host.IsVCenter && xml.Length > MaxVCenterRequest)
                throw VimFault.InvalidRequest($"The request has more than {MaxVCenterRequest} bytes");
            var request = SoapReader.Read(xml, version);
            method = request.Method.Name;
            log.Add(method, action, xml);
            reply = SoapWriter.Reply(request.Method, await DispatchAsync(http, request), version);
            status = StatusCodes.Status200OK;
        }
        catch (VimFault fault)
        {
            if (method.Length == 0)
                log.Add(method, action, xml);
            reply = SoapWriter.Fault(fault, version ?? new());
            status = StatusCodes.Status500InternalServerError;
        }
        catch (TooManySessionsException)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A bug of the simulator. The client gets it, so that its test fails with a reason.
            reply = SoapWriter.Fault(VimFault.Of("SystemError", $"A general system error occurred: {e}", ("reason", e.Message)), version ?? new());
            status = StatusCodes.Status500InternalServerError;
        }

        await Task.Delay(host.Faults.DelayOf(method), http.RequestAborted);
        if (host.Faults.TakeDrop(method))
        {
            http.Abort();
            return;
        }
        await SendAsync(http, status, reply);
    }

    private async Task<object?> DispatchAsync(HttpContext http, SoapRequest request)
    {
        var session = host.Sessions.Find(http.Request);
        var call = new VimCall(request.Method.Name, request.Arguments, session, http.RequestAborted);
        session?.BeginCall();
        try
        {
            var result = await CallAsync(request, call);
            if (call.Opened is { } opened)
                http.Response.Headers.SetCookie = SessionTable.SetCookie(opened, http.Request.IsHttps);
            return result;
        }
        finally
        {
            session?.EndCall();
        }
    }

    private async Task<object?> CallAsync(SoapRequest request, VimCall call)
    {
        ManagedObject? target;
        lock (host.Gate)
            target = host.Find(request.This, call.Client);
        var method = target is null ? null : ManagedType.Of(target).Methods.GetValueOrDefault(call.Method);

        if (method is not { Anonymous: true })
        {
            if (call.Client is null)
                throw VimFault.Of("NotAuthenticated", null, ("object", request.This), ("privilegeId", "System.View"));
            if (host.Faults.TakeExpiry())
            {
                host.Sessions.Close(call.Client);
                throw VimFault.Of("NotAuthenticated", null, ("object", request.This), ("privilegeId", "System.View"));
            }
        }
        if (target is null)
            throw VimFault.NotFound(request.This);
        if (method is null || method.Since > Version.Parse(host.Versions.Newest))
            throw VimFault.Of("MethodNotFound", $"The object {request.This} has no method {call.Method}.", ("receiver", request.This), ("method", call.Method));
        if (host.Faults.TakeMethodFault(call.Method) is { } order)
            throw VimFault.Of(order.Fault, order.Message);
        if (method.VCenterOnly && !host.IsVCenter)
            throw VimFault.Of("NotSupported");
        if (method.Writes)
            CheckWrites();
        return await method.CallAsync(target, call);
    }

    private void CheckWrites()
    {
        if (host.Options.FreeLicense)
            throw VimFault.Of("RestrictedVersion");
        if (host.Options.ManagedBy is { } server)
        {
            throw VimFault.Of("HostAccessRestrictedToManagementServer",
                $"Access to resource settings on the host is restricted to the server that is managing it: '{server}'.",
                ("managementServer", server));
        }
    }

    private static async Task SendAsync(HttpContext http, int status, byte[] body)
    {
        var response = http.Response;
        response.StatusCode = status;
        response.ContentType = "text/xml; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        if (http.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase))
        {
            response.Headers.ContentEncoding = "gzip";
            using var buffer = new MemoryStream();
            await using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
                await gzip.WriteAsync(body);
            body = buffer.ToArray();
        }
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body, http.RequestAborted);
    }
}

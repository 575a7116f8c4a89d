using VmDeploy.Simulator.Http;

namespace VmDeploy.Simulator.Xapi;

/// <summary>Screenshots of the console of a VM, at <c>/vncsnapshot?uuid=</c> (or ref).</summary>
internal static class Screen
{
    public static async Task AnswerAsync(XapiHost host, HttpContext http)
    {
        var query = http.Request.Query;
        XapiObject? vm;
        lock (host.Database.Gate)
        {
            try
            {
                host.Sessions.Find(query["session_id"].ToString());
            }
            catch (XapiFailure)
            {
                http.Response.StatusCode = StatusCodes.Status401Unauthorized;
                return;
            }
            vm = host.Database.All("VM").FirstOrDefault(one => one.Uuid == query["uuid"] || one.Ref == query["ref"]);
        }
        if (vm is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (vm.Text("power_state") != "Running")
        {
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
            return;
        }
        if (host.Faults.TakeScreen() is { } other)
        {
            http.Response.StatusCode = StatusCodes.Status302Found;
            http.Response.Headers.Location = $"https://{other}/vncsnapshot{http.Request.QueryString}";
            return;
        }
        http.Response.ContentType = "image/jpeg";
        await http.Response.Body.WriteAsync(ConsolePicture.Jpeg());
    }
}

using Microsoft.AspNetCore.Http.Features;
using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Files of datastores at <c>/folder/path?dcPath=..&amp;dsName=..</c>.</summary>
internal sealed class FolderEndpoint(EsxiHost host, Upload upload)
{
    private const string Root = "/folder/";

    public async Task AnswerAsync(HttpContext http)
    {
        if (!host.Sessions.Admits(http.Request, host.Options))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"VMware HTTP server\"";
            return;
        }
        if (Resolve(http.Request) is not { } path)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        switch (http.Request.Method)
        {
            case "GET" or "HEAD":
                await SendAsync(http, path);
                break;
            case "PUT":
                await ReceiveAsync(http, path);
                break;
            case "DELETE":
                http.Response.StatusCode = path.FileExists ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
                File.Delete(path.Local);
                path.Datastore.Changed();
                break;
            default:
                http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                break;
        }
    }

    private static async Task SendAsync(HttpContext http, DatastorePath path)
    {
        if (!path.FileExists)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        var file = new FileInfo(path.Local);
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = file.Length;
        http.Response.Headers.LastModified = file.LastWriteTimeUtc.ToString("R");
        if (HttpMethods.IsGet(http.Request.Method))
            await http.Response.SendFileAsync(file.FullName, http.RequestAborted);
    }

    private async Task ReceiveAsync(HttpContext http, DatastorePath path)
    {
        if (http.Request.ContentLength is not { } length)
        {
            http.Response.StatusCode = StatusCodes.Status411LengthRequired;
            return;
        }
        if (!path.Folder.FolderExists)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            await http.Response.WriteAsync($"The folder {path.Folder} does not exist.");
            return;
        }
        var isNew = !path.FileExists;
        var end = length > path.Datastore.FreeSpace
            ? UploadEnd.Full
            : await upload.SaveAsync(http, [], path.Local, http.RequestAborted);
        lock (host.Gate)
            path.Datastore.Changed();
        switch (end)
        {
            case UploadEnd.Complete:
                http.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
                break;
            case UploadEnd.Cut or UploadEnd.LeaseDead:
                http.Abort();
                break;
            case UploadEnd.Full:
                http.Response.StatusCode = StatusCodes.Status507InsufficientStorage;
                await http.Response.WriteAsync("No space left on device");
                break;
        }
    }

    private DatastorePath? Resolve(HttpRequest request)
    {
        // As it was sent, because the server does not unescape an escaped slash.
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        var relative = target.StartsWith(Root, StringComparison.Ordinal) ? Uri.UnescapeDataString(target[Root.Length..]) : "";
        var center = request.Query["dcPath"].ToString();
        var name = request.Query["dsName"].ToString();
        lock (host.Gate)
        {
            var datastore = host.All<Datacenter>()
                .Where(d => PathOf(d) == center.TrimStart('/') || (center.Length == 0 && !host.IsVCenter))
                .SelectMany(d => d.Datastores)
                .FirstOrDefault(d => d.Name == name);
            try
            {
                return datastore is null || relative.Length == 0 ? null : DatastorePath.Of(datastore, relative);
            }
            catch (VimFault)
            {
                return null;
            }
        }
    }

    // With the folders that contain it, except the root folder.
    private static string PathOf(Datacenter center)
    {
        var path = center.Name;
        for (var folder = center.Above; folder?.Above is not null; folder = folder.Above)
            path = $"{folder.Name}/{path}";
        return path;
    }
}

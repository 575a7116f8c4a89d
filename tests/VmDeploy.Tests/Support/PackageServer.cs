using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http;
using VmDeploy.Ova;
using VmDeploy.Simulator.Http;

namespace VmDeploy.Tests.Support;

/// <summary>A web server with packages, good by default, and each fault by one property.</summary>
internal sealed class PackageServer : IAsyncDisposable
{
    private readonly SimulatorCertificate _certificate = new("packages");
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly TempFolder _spools = new();
    private LoopbackServer _server = null!;
    private int _cuts;

    /// <summary>A request as it came.</summary>
    public sealed record Request(string Path, string? Range, string? Login);

    /// <summary>All requests.</summary>
    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Sends whole files only.</summary>
    public bool IgnoresRange { get; set; }

    /// <summary>What it says of the state of a file, for each request; an empty one is left out.</summary>
    public Func<string> Tag { get; set; } = () => "one";

    /// <summary>Cuts bodies after so many bytes.</summary>
    public long? CutAt { get; set; }

    /// <summary>How many bodies are cut.</summary>
    public int Cuts { get; set; } = int.MaxValue;

    /// <summary>Path to another address.</summary>
    public Dictionary<string, string> Redirects { get; } = [];

    /// <summary>Path to another address, for each request; null for none.</summary>
    public Func<string, string?> RedirectTo { get; set; } = _ => null;

    /// <summary>The answer for what it does not have.</summary>
    public int MissingStatus { get; set; } = 404;

    /// <summary>Its tags say only that contents mean the same.</summary>
    public bool WeakTags { get; set; }

    /// <summary>user:password that it asks for.</summary>
    public string? Login { get; set; }

    /// <summary>Answers with this instead.</summary>
    public Func<int?> Status { get; set; } = () => null;

    /// <summary>Sends ranges from another place than the one asked for.</summary>
    public int RangeShift { get; set; }

    /// <summary>Never ends a whole file, and does not tell its length.</summary>
    public bool IsEndless { get; set; }

    /// <summary>Says nothing more after the head.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Says nothing more behind so many bytes of a file.</summary>
    public long? SilentBehind { get; set; }

    /// <summary>Bytes of bodies sent.</summary>
    public long BytesSent;

    /// <summary>Where its readers have temporary files.</summary>
    public string SpoolFolder => _spools.Path;

    public string Https => $"https://localhost:{_server.HttpsPorts[0]}/";

    public string Http => $"http://localhost:{_server.HttpPort}/";

    public string Thumbprint => _certificate.Sha256;

    public static async Task<PackageServer> StartAsync()
    {
        var server = new PackageServer();
        server._server = await LoopbackServer.StartAsync(0, [new TlsListener(0, () => server._certificate)], server.AnswerAsync, CancellationToken.None);
        return server;
    }

    /// <summary>Serves a file, and returns where it is for the reader, with its certificate pinned.</summary>
    public PackageLocation Add(string name, byte[] content)
    {
        _files["/" + name] = content;
        return At(Https + name);
    }

    public PackageLocation At(string address) => new(address)
    {
        CertificateThumbprint = address.StartsWith("https", StringComparison.Ordinal) ? Thumbprint : null,
        Timeout = TimeSpan.FromSeconds(2),
        SpoolFolder = SpoolFolder,
        Retries = new(4, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(20)),
    };

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
        _spools.Dispose();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = Uri.UnescapeDataString(http.Request.Path.Value ?? "");
        var range = (string?)http.Request.Headers.Range;
        var login = (string?)http.Request.Headers.Authorization;
        Requests.Enqueue(new Request(path, range, login is null ? null : Encoding.UTF8.GetString(Convert.FromBase64String(login.Split(' ')[1]))));
        if (Redirects.TryGetValue(path, out var target) || (target = RedirectTo(path)) is not null)
        {
            http.Response.StatusCode = 302;
            http.Response.Headers.Location = target;
        }
        else if (Status() is { } status)
        {
            http.Response.StatusCode = status;
        }
        else if (Login is not null && Requests.Last().Login != Login)
        {
            http.Response.StatusCode = 401;
        }
        else if (_files.TryGetValue(path, out var content))
        {
            await SendAsync(http, content, range);
        }
        else
        {
            http.Response.StatusCode = MissingStatus;
        }
    }

    private async Task SendAsync(HttpContext http, byte[] content, string? range)
    {
        var tag = Tag();
        if (tag.Length > 0)
            http.Response.Headers.ETag = $"{(WeakTags ? "W/" : "")}\"{tag}\"";
        var wanted = range is null || IgnoresRange ? null : RangeHeaderValue.Parse(range).Ranges.Single();
        if ((string?)http.Request.Headers.IfRange is { } condition && condition != $"\"{tag}\"")
            wanted = null;
        if (wanted?.From >= content.Length)
        {
            http.Response.StatusCode = 416;
            return;
        }
        var first = (int)(wanted?.From ?? 0);
        var last = (int)Math.Min(wanted?.To ?? content.Length - 1, content.Length - 1);
        if (wanted is not null)
        {
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {first + RangeShift}-{last + RangeShift}/{content.Length}");
        }
        if (!IsEndless)
            http.Response.ContentLength = last - first + 1;
        if (IsSilent && last > first)
        {
            await http.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { });
            return;
        }
        do
        {
            for (var at = first; at <= last; at += 1 << 16)
            {
                var count = Math.Min(1 << 16, last + 1 - at);
                if (at - first + count > CutAt && Interlocked.Increment(ref _cuts) <= Cuts)
                {
                    await http.Response.Body.WriteAsync(content.AsMemory(at, (int)Math.Max(0, CutAt.Value - (at - first))));
                    await http.Response.Body.FlushAsync();
                    http.Abort();
                    return;
                }
                if (at > SilentBehind)
                    await Task.Delay(Timeout.Infinite, http.RequestAborted);
                await http.Response.Body.WriteAsync(content.AsMemory(at, count), http.RequestAborted);
                Interlocked.Add(ref BytesSent, count);
            }
        }
        while (IsEndless && !http.RequestAborted.IsCancellationRequested);
    }
}

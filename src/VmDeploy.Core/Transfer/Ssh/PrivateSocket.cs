using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace VmDeploy.Transfer;

/// <summary>The path of a Unix socket in a folder that only this user can enter; the folder is removed with this object.</summary>
internal sealed class PrivateSocket : IDisposable
{
    // .NET Framework and Mono lack it, and netstandard does not name it.
    private static readonly Type? s_endPointType = typeof(Socket).Assembly.GetType("System.Net.Sockets.UnixDomainSocketEndPoint");

    // Bytes of sun_path with its final zero on macOS and the BSDs; Linux has 108.
    private const int MaxPath = 104;

    private readonly string _folder;

    private PrivateSocket(string folder, EndPoint endPoint)
    {
        _folder = folder;
        EndPoint = endPoint;
    }

    public string Path => PathIn(_folder);

    public EndPoint EndPoint { get; }

    /// <summary>Creates the folder; null where this computer, or its ssh (on Windows), has no such sockets.</summary>
    /// <param name="temporary">The first choice for the folder that contains it; by default the user's folder for temporary files.</param>
    public static PrivateSocket? TryCreate(string? temporary = null)
    {
        if (System.IO.Path.DirectorySeparatorChar != '/' || s_endPointType is null)
            return null;
        var name = $"vmdeploy-{Guid.NewGuid().ToString("N").Substring(0, 16)}";
        // The folder is private wherever it is.
        foreach (var parent in new[] { temporary ?? System.IO.Path.GetTempPath(), Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"), "/tmp" })
        {
            if (string.IsNullOrEmpty(parent))
                continue;
            var folder = System.IO.Path.Combine(parent, name);
            // Spaces would need quotes in ssh's arguments; a colon ends the path there.
            if (!folder.Any(c => c is ' ' or ':' or '"' or '\\') && Encoding.UTF8.GetByteCount(PathIn(folder)) < MaxPath && MakeFolder(folder, 0b111_000_000) == 0)
                return new PrivateSocket(folder, (EndPoint)Activator.CreateInstance(s_endPointType, PathIn(folder))!);
        }
        return null;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Our empty folder remains.
        }
    }

    private static string PathIn(string folder) => $"{folder}/s";

    // Created with its mode, so that no other user can ever enter it. It fails if the folder exists.
    [DllImport("libc", EntryPoint = "mkdir", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakeFolder([MarshalAs(UnmanagedType.LPStr)] string path, uint mode);
}

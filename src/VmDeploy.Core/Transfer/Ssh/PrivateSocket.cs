using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VmDeploy.Transfer;

/// <summary>The path of a Unix socket in a folder that only this user can enter; the folder is removed with this object.</summary>
internal sealed class PrivateSocket : IDisposable
{
    // .NET Framework and Mono lack it, and netstandard does not name it.
    private static readonly Type? s_endPointType = typeof(Socket).Assembly.GetType("System.Net.Sockets.UnixDomainSocketEndPoint");

    private readonly string _folder;

    private PrivateSocket(string folder, EndPoint endPoint)
    {
        _folder = folder;
        EndPoint = endPoint;
    }

    public string Path => PathIn(_folder);

    public EndPoint EndPoint { get; }

    /// <summary>Creates the folder; null where this computer, or its ssh (on Windows), has no such sockets.</summary>
    public static PrivateSocket? TryCreate()
    {
        if (System.IO.Path.DirectorySeparatorChar != '/' || s_endPointType is null)
            return null;
        var folder = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"vmdeploy-{Guid.NewGuid().ToString("N").Substring(0, 16)}");
        // Spaces would need quotes in ssh's arguments; a colon ends the path there.
        if (folder.Any(c => c is ' ' or ':' or '"' or '\\') || MakeFolder(folder, 0b111_000_000) != 0)
            return null;
        return new PrivateSocket(folder, (EndPoint)Activator.CreateInstance(s_endPointType, PathIn(folder))!);
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

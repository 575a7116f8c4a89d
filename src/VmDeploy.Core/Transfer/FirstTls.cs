using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VmDeploy.Transfer;

/// <summary>
/// What only the first TLS connection of a process costs. On Linux that is most of it: .NET loads OpenSSL, and reads, parses and keeps
/// all certificates that the system trusts, even if a thumbprint decides.
/// </summary>
internal static class FirstTls
{
    private const int RtldLazy = 1;

    // Without one of them .NET ends the process at its first use of TLS, which may never come.
    private static readonly string[] s_openSsl = ["libssl.so.3", "libssl.so.1.1"];

    private static int s_isPrepared;

    /// <summary>Does it on another thread, without a connection. A failure is that of the first connection, which does it again.</summary>
    public static void Prepare()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Interlocked.Exchange(ref s_isPrepared, 1) == 0)
            _ = Task.Run(LoadAsync);
    }

    private static async Task LoadAsync()
    {
        try
        {
            if (!Array.Exists(s_openSsl, library => OpenLibrary(library, RtldLazy) != IntPtr.Zero))
                return;
            using (var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine))
            {
                store.Open(OpenFlags.ReadOnly);
                foreach (var certificate in store.Certificates)
                    certificate.Dispose();
            }
            using var tls = new SslStream(Stream.Null);
            await tls.AuthenticateAsClientAsync("localhost");
        }
        catch (Exception e) when (e is IOException or AuthenticationException or CryptographicException or DllNotFoundException or EntryPointNotFoundException)
        {
            // The other side of the stream says nothing, and older C libraries have no dlopen.
        }
    }

    [DllImport("libc", EntryPoint = "dlopen", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern IntPtr OpenLibrary([MarshalAs(UnmanagedType.LPStr)] string name, int flags);
}

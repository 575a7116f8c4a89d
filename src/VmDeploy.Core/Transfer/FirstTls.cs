using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VmDeploy.Transfer;

/// <summary>
/// What only the first TLS connection of a process costs. Most of it on Linux, where .NET reads and parses all certificates that the system
/// trusts, even if a thumbprint decides, and keeps them.
/// </summary>
internal static class FirstTls
{
    private static int s_isPrepared;

    /// <summary>Does it on another thread, without a connection. A failure is that of the first connection, which does it again.</summary>
    public static void Prepare()
    {
        if (Interlocked.Exchange(ref s_isPrepared, 1) == 0)
            _ = Task.Run(LoadAsync);
    }

    private static async Task LoadAsync()
    {
        try
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
                LoadRoots();
            using var tls = new SslStream(Stream.Null);
            await tls.AuthenticateAsClientAsync("localhost");
        }
        catch (Exception e) when (e is IOException or AuthenticationException or CryptographicException)
        {
            // The other side has, of course, said nothing.
        }
    }

    private static void LoadRoots()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
        store.Open(OpenFlags.ReadOnly);
        foreach (var certificate in store.Certificates)
            certificate.Dispose();
    }
}

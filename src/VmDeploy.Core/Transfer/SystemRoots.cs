using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VmDeploy.Transfer;

/// <summary>
/// The certificates that the system trusts. On Linux, .NET reads and parses all of them at the first TLS connection of a process, even
/// if a thumbprint decides, and keeps them.
/// </summary>
internal static class SystemRoots
{
    private static int s_isLoaded;

    /// <summary>Loads them on another thread, while the first connection is being made. A failure is that of the connection, which loads them again.</summary>
    public static void Preload()
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && Interlocked.Exchange(ref s_isLoaded, 1) == 0)
            _ = Task.Run(Load);
    }

    private static void Load()
    {
        try
        {
            using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine);
            store.Open(OpenFlags.ReadOnly);
            foreach (var certificate in store.Certificates)
                certificate.Dispose();
        }
        catch (CryptographicException)
        {
        }
    }
}

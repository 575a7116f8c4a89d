using System.Net;
using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Where packages are, as users write it: paths, or addresses of web servers.</summary>
internal static class PackagePaths
{
    /// <summary>The files that match a path, for the pipeline thread; an address is taken as it is.</summary>
    public static IReadOnlyList<string> Resolve(PSCmdlet cmdlet, string path) => PackageLocation.IsAddress(path) ? [path] : FilePaths.Resolve(cmdlet, path);

    /// <summary>The one file that matches a path, for the pipeline thread; an address is taken as it is.</summary>
    public static string ResolveOne(PSCmdlet cmdlet, string path) => PackageLocation.IsAddress(path) ? path : FilePaths.ResolveOne(cmdlet, path);

    /// <summary>The file of a path without wildcards, for the pipeline thread; an address is taken as it is.</summary>
    public static string ResolveLiteral(PSCmdlet cmdlet, string path) => PackageLocation.IsAddress(path) ? path : FilePaths.ResolveLiteral(cmdlet, path);

    /// <summary>A package with what the parameters of a cmdlet say of it; warns of what goes through the network unprotected.</summary>
    public static PackageLocation Locate(
        string path, PSCredential? login, string? hash, string? thumbprint, IProgress<OperationProgress> progress, Action<string> warn)
    {
        var location = new PackageLocation(path)
        {
            // PSCredential.GetNetworkCredential splits 'DOMAIN\user'.
            Credential = login is null ? null : new NetworkCredential { UserName = login.UserName, SecurePassword = login.Password },
            Hash = hash is null ? null : FileHash.Parse(hash),
            CertificateThumbprint = thumbprint,
            Progress = progress,
            Warn = warn,
        };
        if (login is not null && !PackageLocation.IsAddress(path))
            warn("-UriCredential is ignored: the package is a local file.");
        if (thumbprint is not null && !path.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            warn("-UriThumbprint is ignored: the package does not come over https.");
        if (PackageLocation.IsUnprotected(path))
        {
            if (PackageLocation.IsDescriptor(path))
                warn("The package comes unprotected over http, so that anybody on the way can replace it. Use https; -FileHash protects only the descriptor, not the files beside it.");
            else if (hash is null)
                warn("The package comes unprotected over http, so that anybody on the way can replace it. Use https, or give its hash with -FileHash.");
            if (login is not null)
                warn("The password of -UriCredential is sent unencrypted, because the address begins with http.");
        }
        return location;
    }
}

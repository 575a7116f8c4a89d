using System.Security.Cryptography;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>Keeps two runs of one deployment on this computer apart: a file that is open as long as the run, and that the system closes with the process.</summary>
internal sealed class DeploymentLock : IDisposable
{
    private readonly FileStream _file;

    private DeploymentLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentLocked</c>.</exception>
    public static DeploymentLock Take(DeploymentFile deployment)
    {
        var subject = string.Join("\0", deployment.Hosts.Select(host => host.Server.ToUpperInvariant()).OrderBy(one => one, StringComparer.Ordinal).Prepend(deployment.Name.ToUpperInvariant()));
        using var sha = SHA256.Create();
        var name = string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(subject)).Take(16).Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
        var folder = Directory.CreateDirectory(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "VmDeploy"));
        try
        {
            return new DeploymentLock(new FileStream(Path.Combine(folder.FullName, name + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException e)
        {
            throw new VmDeployException(ErrorCodes.DeploymentLocked, $"Another run works on the deployment '{deployment.Name}'.", deployment.Name, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

using System.Security.Cryptography;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>
/// Keeps two runs of one deployment on this computer apart: a file that is open as long as the run, and that the system closes with the
/// process. The file stays, since one that is deleted could be locked by two.
/// </summary>
internal sealed class DeploymentLock : IDisposable
{
    private readonly FileStream _file;

    // An account of a service may have no folder of its own.
    private static string Folder => Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create) is { Length: > 0 } own ? own : Path.GetTempPath();

    private DeploymentLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentLocked</c>.</exception>
    public static DeploymentLock Take(DeploymentFile deployment)
    {
        var subject = string.Join("\0", deployment.Hosts.Select(host => host.Server.ToUpperInvariant()).OrderBy(one => one, StringComparer.Ordinal).Prepend(deployment.Name.ToUpperInvariant()));
        using var sha = SHA256.Create();
        var name = string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(subject)).Take(16).Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
        var path = Path.Combine(Folder, "VmDeploy", name + ".lock");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new DeploymentLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new VmDeployException(ErrorCodes.DeploymentLocked, $"Another run works on the deployment '{deployment.Name}': '{path}' is open.", deployment.Name, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{path}', the lock of the deployment '{deployment.Name}', can't be written: {e.Message}", path, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

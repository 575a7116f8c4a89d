using System.Security.Cryptography;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>
/// Keeps two runs of one deployment on this computer apart: a file that is open as long as the run, and that the system closes with the
/// process. The file stays, since one that is deleted could be locked by two.
/// </summary>
internal sealed class DeploymentLock : IDisposable
{
    // Of Windows, and EAGAIN of Linux.
    private const int SharingViolation = 32;
    private const int LockViolation = 33;
    private const int Again = 11;

    private readonly List<FileStream> _files = [];

    /// <summary>Takes the lock on each host of a deployment.</summary>
    /// <exception cref="VmDeployException"><c>DeploymentLocked</c>, or <c>LocalFileNotWritable</c>.</exception>
    public static DeploymentLock Take(DeploymentFile deployment)
    {
        var taken = new DeploymentLock();
        try
        {
            foreach (var endpoint in deployment.Hosts.Select(host => host.Endpoint).Distinct().OrderBy(one => one, StringComparer.Ordinal))
                taken._files.Add(Open(deployment.Name, endpoint));
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private static FileStream Open(string deployment, string endpoint)
    {
        using var sha = SHA256.Create();
        var name = string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes($"{deployment.ToUpperInvariant()}\0{endpoint}")).Take(16).Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
        var path = Path.Combine(RunIdentity.Folder, name + ".lock");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is SharingViolation or LockViolation or Again)
        {
            throw new VmDeployException(ErrorCodes.DeploymentLocked, $"Another run works on the deployment '{deployment}': '{path}' is open.", deployment, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{path}', the lock of the deployment '{deployment}', can't be written: {e.Message}", path, e);
        }
    }
}

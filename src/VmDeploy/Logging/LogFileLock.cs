using System.Security.Cryptography;
using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>
/// A lock on a log file between processes (a named mutex): an append is a seek and a write, and another process may write in
/// between.
/// </summary>
internal sealed class LogFileLock(Mutex mutex, bool isOurs) : IDisposable
{
    // Longer than writing any line takes. A process that holds the lock for longer hangs; then a split line is better than none.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    /// <summary>Waits for the lock; null if processes of another user hold it, with whom a mutex can't be shared.</summary>
    public static LogFileLock? Take(string path)
    {
        Mutex mutex;
        try
        {
            mutex = new Mutex(false, NameOf(path, ignoresCase: Path.DirectorySeparatorChar == '\\'));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return null;
        }
        try
        {
            return new LogFileLock(mutex, mutex.WaitOne(s_timeout));
        }
        catch (AbandonedMutexException)
        {
            return new LogFileLock(mutex, true);
        }
    }

    public void Dispose()
    {
        if (isOurs)
            mutex.ReleaseMutex();
        mutex.Dispose();
    }

    /// <summary>The name of the mutex: the same for all spellings of a path.</summary>
    internal static string NameOf(string path, bool ignoresCase)
    {
        using var hash = SHA256.Create();
        var full = Path.GetFullPath(path);
        var digest = hash.ComputeHash(Encoding.UTF8.GetBytes(ignoresCase ? full.ToUpperInvariant() : full));
        return "Global\\VmDeploy-log-" + BitConverter.ToString(digest, 0, 16);
    }
}

using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace VmDeploy.PowerShell;

/// <summary>A process's turn at a file that several append to: an append is a seek and a write, between which another could come.</summary>
internal sealed class Turn : IDisposable
{
    // Longer than any line takes; whoever holds on for longer hangs, and a line in two parts is better than none.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Mutex _mutex;
    private readonly bool _isOurs;

    private Turn(Mutex mutex, bool isOurs)
    {
        _mutex = mutex;
        _isOurs = isOurs;
    }

    /// <summary>Waits for the turn; null where another user's processes hold it, with whom none can be shared.</summary>
    public static Turn? Take(string path)
    {
        Mutex mutex;
        try
        {
            mutex = new Mutex(false, NameOf(path));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return null;
        }
        try
        {
            return new Turn(mutex, mutex.WaitOne(s_patience));
        }
        catch (AbandonedMutexException)
        {
            return new Turn(mutex, true);
        }
    }

    public void Dispose()
    {
        if (_isOurs)
            _mutex.ReleaseMutex();
        _mutex.Dispose();
    }

    private static string NameOf(string path)
    {
        using var hash = SHA256.Create();
        var digest = hash.ComputeHash(Encoding.UTF8.GetBytes(Path.GetFullPath(path)));
        return "Global\\VmDeploy-log-" + BitConverter.ToString(digest, 0, 16);
    }
}

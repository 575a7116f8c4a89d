namespace VmDeploy.Ova;

/// <summary>A decompressor at some place. Several readers use it one after the other, and each can stop it only while it reads.</summary>
internal sealed class Decompressor : IDisposable
{
    // Its source may wait for a web server.
    private readonly CancellationTokenSource _stop = new();
    private readonly Stream _stream;

    public Decompressor(Func<CancellationToken, Stream> open, CancellationToken cancellationToken)
    {
        using (cancellationToken.Register(_stop.Cancel))
            _stream = open(_stop.Token);
    }

    public long Position { get; private set; }

    /// <summary>A reader was stopped; nobody can read on.</summary>
    public bool IsStopped => _stop.IsCancellationRequested;

    public int Read(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        using (cancellationToken.Register(_stop.Cancel))
        {
            var read = _stream.Read(buffer, offset, count);
            Position += read;
            return read;
        }
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Some check at their end what is not there when they are left before it.
        }
        _stop.Dispose();
    }
}

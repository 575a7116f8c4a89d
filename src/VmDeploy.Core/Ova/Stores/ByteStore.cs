namespace VmDeploy.Ova;

/// <summary>Stored bytes that can be read forward from any place, several times and by several readers at once.</summary>
/// <param name="path">Its path or address, for messages.</param>
internal abstract class ByteStore(string path) : IDisposable
{
    public string Path { get; } = path;

    /// <summary>Number of bytes; null as long as it is not known.</summary>
    public abstract long? Length { get; }

    /// <summary>Who wants a later place has to read, or decompress, all that is before it.</summary>
    public virtual bool IsForwardOnly => false;

    /// <summary>The bytes from a place on; they may end early. Readers use large buffers.</summary>
    /// <param name="offset">The place.</param>
    /// <param name="count">How many are wanted at most; null for all to the end.</param>
    /// <param name="cancellationToken">For reads that take none.</param>
    public abstract Stream OpenAt(long offset, long? count, CancellationToken cancellationToken);

    /// <summary>Closes what it holds open.</summary>
    public abstract void Dispose();

    /// <summary>Up to a number of bytes from the start.</summary>
    public byte[] ReadStart(int count, CancellationToken cancellationToken)
    {
        using var stream = OpenAt(0, count, cancellationToken);
        var start = new byte[count];
        var length = 0;
        for (int read; length < count && (read = stream.Read(start, length, count - length)) > 0;)
            length += read;
        Array.Resize(ref start, length);
        return start;
    }
}

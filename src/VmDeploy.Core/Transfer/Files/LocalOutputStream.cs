namespace VmDeploy.Transfer;

/// <summary>
/// A local file that is written. What the disk refuses is a <see cref="VmDeployException"/> (<c>LocalFileNotWritable</c>), so that it is not
/// reported as a failure of the network. <see cref="Stream.Flush"/> it to know that everything was taken: closing it reports nothing.
/// </summary>
internal sealed class LocalOutputStream : FileStream
{
    private const int BufferSize = 1 << 16;

    private readonly string _shown;

    private LocalOutputStream(string path, FileMode mode, string shown)
        : base(path, mode, FileAccess.Write, FileShare.None, BufferSize, useAsync: true) =>
        _shown = shown;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">How.</param>
    /// <param name="shown">Its path for messages.</param>
    public static LocalOutputStream Open(string path, FileMode mode, string shown)
    {
        try
        {
            return new LocalOutputStream(path, mode, shown);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw NotWritable(shown, e);
        }
    }

    /// <summary>Whether the system refuses to write; a file that is too large for its file system is an argument out of range on .NET.</summary>
    public static bool IsRefusal(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException;

    /// <summary>The error of a path that the system refuses to write.</summary>
    public static VmDeployException NotWritable(string path, Exception cause) => new(ErrorCodes.LocalFileNotWritable, $"'{path}' can't be written: {cause.Message}", path, cause);

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        try
        {
            await base.WriteAsync(buffer, offset, count, cancellationToken);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw NotWritable(_shown, e);
        }
    }

    public override void Write(byte[] array, int offset, int count) => Attempt(() => base.Write(array, offset, count));

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await base.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw NotWritable(_shown, e);
        }
    }

    public override void Flush(bool flushToDisk) => Attempt(() => base.Flush(flushToDisk));

    public override void SetLength(long value) => Attempt(() => base.SetLength(value));

    public override long Position
    {
        get => base.Position;
        // Writes what is buffered.
        set => Attempt(() => base.Position = value);
    }

    protected override void Dispose(bool disposing)
    {
        try
        {
            base.Dispose(disposing);
        }
        catch (Exception e) when (IsRefusal(e) || e is VmDeployException)
        {
            // It writes again what could not be written: that was reported, or nobody wants the file any more.
        }
    }

    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (IsRefusal(e))
        {
            throw NotWritable(_shown, e);
        }
    }
}

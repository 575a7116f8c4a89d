namespace VmDeploy.Transfer;

/// <summary>A local file that is uploaded. A read failure is a <see cref="VmDeployException"/>, so that it is not reported as a network failure.</summary>
internal sealed class LocalFileStream : FileStream
{
    private const int BufferSize = 1; // No buffer: the file is read in large blocks.

    private readonly long _length;
    private long _read;

    private LocalFileStream(string path)
        : base(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferSize, FileOptions.Asynchronous | FileOptions.SequentialScan) =>
        _length = Length;

    /// <summary>Opens it; <c>LocalFileNotFound</c> or <c>LocalFileUnreadable</c>.</summary>
    public static LocalFileStream Open(string path)
    {
        try
        {
            if (!File.Exists(path))
                throw new VmDeployException(ErrorCodes.LocalFileNotFound, Directory.Exists(path) ? $"'{path}' is a folder." : $"File '{path}' not found.", path);
            return RegularFile.Refusal(path) is { } reason ? throw Unreadable(path, reason, null) : new LocalFileStream(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message, e);
        }
    }

    public static long LengthOf(string path)
    {
        using var file = Open(path);
        return file._length;
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        int read;
        try
        {
            read = await base.ReadAsync(buffer, offset, count, cancellationToken);
        }
        catch (IOException e)
        {
            throw Unreadable(Name, e.Message, e);
        }
        _read += read;
        return read > 0 || _read >= _length ? read : throw Unreadable(Name, "it became shorter during the upload.", null);
    }

    private static VmDeployException Unreadable(string path, string reason, Exception? cause) =>
        new(ErrorCodes.LocalFileUnreadable, $"'{path}' can't be read: {reason}", path, cause);
}

namespace VmDeploy.Ova;

/// <summary>A local file.</summary>
internal sealed class FileStore : ByteStore
{
    private readonly FileStream? _guard;

    /// <param name="path">Full path.</param>
    /// <param name="length">Bytes.</param>
    public FileStore(string path, long length)
        : base(path) =>
        Length = length;

    /// <summary>A file that is kept open, so that (on Windows) no other program changes it.</summary>
    public FileStore(FileStream guard)
        : base(guard.Name)
    {
        _guard = guard;
        Length = guard.Length;
    }

    public override long? Length { get; }

    public override Stream OpenAt(long offset, long? count, CancellationToken cancellationToken)
    {
        // Readers use large buffers; a second buffer here would only add a copy.
        var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        file.Position = offset;
        return file;
    }

    public override void Dispose() => _guard?.Dispose();
}

using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>
/// A temporary file. It has no name as soon as it is open, or is removed by the system with its last handle, so that nothing is left even of a
/// process that is killed.
/// </summary>
internal sealed class SpoolStore : ByteStore
{
    private const int BlockSize = 1 << 20;
    private const long Reserve = 256L << 20;
    private const long CheckInterval = 64L << 20;

    // Where /tmp is memory, /var/tmp is a disk.
    private const string LargeTemporaryFolder = "/var/tmp";

    private static readonly string s_usualFolder = System.IO.Path.DirectorySeparatorChar == '/' && Environment.GetEnvironmentVariable("TMPDIR") is null && Directory.Exists(LargeTemporaryFolder) ? LargeTemporaryFolder : System.IO.Path.GetTempPath();

    private readonly FileStream _file;
    private readonly string _folder;
    private readonly Func<string, long> _freeSpace;
    private readonly object _gate = new();
    private long _unchecked;

    /// <param name="path">What is kept in it, for messages.</param>
    /// <param name="folder">Where the file is; null for the usual folder.</param>
    /// <param name="freeSpace">The free bytes of a folder; null for what the system says.</param>
    public SpoolStore(string path, string? folder = null, Func<string, long>? freeSpace = null)
        : base(path)
    {
        _folder = folder ?? s_usualFolder;
        _freeSpace = freeSpace ?? (place => new DriveInfo(place).AvailableFreeSpace);
        var name = System.IO.Path.Combine(_folder, $"vmdeploy-{Guid.NewGuid():N}.spool");
        try
        {
            _file = new FileStream(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete, bufferSize: 1, FileOptions.DeleteOnClose);
            if (System.IO.Path.DirectorySeparatorChar == '/')
                File.Delete(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e.Message, e);
        }
    }

    public override long? Length => _file.Length;

    /// <summary>Copies a stream to the end of the file. One that would fill the disk is refused before it does.</summary>
    public async Task AppendAsync(Stream source, long? expected, Action<byte[], int> copied, CancellationToken cancellationToken)
    {
        var block = new byte[BlockSize];
        if (expected is { } length)
            CheckSpace(length - _file.Length);
        while (await source.ReadAsync(block, 0, block.Length, cancellationToken) is var read and > 0)
        {
            Append(block, 0, read);
            copied(block, read);
        }
    }

    /// <summary>A stream to the end of the file.</summary>
    public Stream Append() => new Writer(this);

    /// <summary>Begins again.</summary>
    public void Clear() => _file.SetLength(0);

    public override Stream OpenAt(long offset, long? count, CancellationToken cancellationToken) => new Reader(this, offset);

    public override void Dispose() => _file.Dispose();

    private void Append(byte[] block, int offset, int count)
    {
        try
        {
            _file.Position = _file.Length;
            _file.Write(block, offset, count);
        }
        catch (Exception e) when (LocalOutputStream.IsRefusal(e))
        {
            throw Failed(e.Message, e);
        }
        if ((_unchecked += count) < CheckInterval)
            return;
        _unchecked = 0;
        CheckSpace(0);
    }

    private void CheckSpace(long more)
    {
        long free;
        try
        {
            free = _freeSpace(_folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // What is not known is found out by writing.
            return;
        }
        if (more + Reserve > free)
            throw Failed($"{SizeText.Format(free)} are free in '{_folder}'{(more > 0 ? $", and {SizeText.Format(more)} more are needed" : "")}", null);
    }

    private VmDeployException Failed(string reason, Exception? cause) =>
        new(ErrorCodes.SpoolFailed, $"'{Path}' can't be kept in a temporary file: {reason.TrimEnd('.')}.", Path, cause);

    private int ReadAt(long position, byte[] buffer, int offset, int count)
    {
        lock (_gate)
        {
            _file.Position = position;
            return _file.Read(buffer, offset, count);
        }
    }

    private sealed class Writer(SpoolStore store) : WriteOnlyStream
    {
        public override void Write(byte[] buffer, int offset, int count) => store.Append(buffer, offset, count);
    }

    private sealed class Reader(SpoolStore store, long position) : ForwardStream
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = store.ReadAt(position, buffer, offset, count);
            position += read;
            return read;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Task.FromResult(Read(buffer, offset, count));
        }
    }
}

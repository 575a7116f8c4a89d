using System.IO.Compression;

namespace VmDeploy.Ova;

/// <summary>
/// The bytes of one file as they are sent to a host: parts joined, gzip inflated. The digests of the stored bytes are computed
/// in the same pass. Forward only; not for use by two threads at a time. Buffers nothing, so read in large blocks.
/// A failure to read the source is a <see cref="VmDeployException"/>.
/// </summary>
public sealed class OvaFileStream : ForwardStream
{
    private const int StoredBlock = 1 << 20;

    private readonly StoredStream _stored;
    private readonly Stream _source;
    private long _position;
    private bool _ended;

    internal OvaFileStream(OvaFile file, OvaManifest? manifest)
    {
        File = file;
        _stored = new StoredStream(file.Parts, manifest);
        // The inflater reads in small pieces.
        _source = file.IsGzip ? new GZipStream(new BufferedStream(_stored, StoredBlock), CompressionMode.Decompress) : _stored;
    }

    /// <summary>The file.</summary>
    public OvaFile File { get; }

    /// <summary>Stored bytes read so far, for progress against <see cref="OvaFile.StoredLength"/>.</summary>
    public long StoredPosition => _stored.BytesRead;

    /// <summary>
    /// Reads the rest and returns the outcome of each part. After the last byte for the host, the rest is only
    /// gzip's trailer.
    /// </summary>
    public async Task<IReadOnlyList<OvaFileResult>> CompleteAsync(CancellationToken cancellationToken)
    {
        var rest = new byte[81920];
        while (await ReadAsync(rest, 0, rest.Length, cancellationToken) > 0)
        {
        }
        return _stored.Results;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Counted(_source.Read(buffer, offset, count), count);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
    }

    /// <inheritdoc/>
    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        try
        {
            return Counted(await _source.ReadAsync(buffer, offset, count, cancellationToken), count);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(e);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _source.Dispose();
        base.Dispose(disposing);
    }

    private int Counted(int read, int count)
    {
        _position += read;
        if (read == 0 && count > 0 && File.IsGzip && !_ended)
            Drain();
        return read;
    }

    // The inflater stops at the end of its data without reading what follows, and, on some runtimes, without an error
    // even if the data end early. The rest is therefore read for the digest, and the length compared with the trailer.
    private void Drain()
    {
        var rest = new byte[4096];
        while (_stored.BytesRead < File.StoredLength && File.StoredLength - _stored.BytesRead <= rest.Length)
            _ = _stored.Read(rest, 0, rest.Length);
        if (_stored.BytesRead < File.StoredLength || (uint)_position != _stored.Tail)
            throw new InvalidDataException("it is not one complete gzip stream");
        _ended = true;
    }

    private VmDeployException Damaged(InvalidDataException cause) =>
        new(ErrorCodes.OvaCompressedFileDamaged, $"'{File.Href}' can't be inflated: {cause.Message}", File.Href, cause);
}

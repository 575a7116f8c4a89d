using System.Security.Cryptography;

namespace VmDeploy.Ova;

/// <summary>The stored bytes of a file, its parts joined. Each part's digest is computed as its bytes pass, in the caller's buffer.</summary>
/// <param name="parts">The parts.</param>
/// <param name="manifest">Has the digests.</param>
/// <param name="opened">Stops reads that take no token.</param>
internal sealed class StoredStream(IReadOnlyList<OvaPart> parts, OvaManifest? manifest, CancellationToken opened = default) : ForwardStream
{
    private readonly List<OvaFileResult> _results = [];
    private Stream? _bytes;
    private ByteStore? _store;
    private long _position;
    private OvaManifestEntry? _expected;
    private IncrementalHash? _hash;
    private long _left = -1;

    public long BytesRead { get; private set; }

    /// <summary>The last four bytes read, little endian: at the end of a gzip stream its length modulo 2^32 (RFC 1952).</summary>
    public uint Tail { get; private set; }

    public IReadOnlyList<OvaFileResult> Results => _results;

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (!OpenPart() || count == 0)
            return 0;
        try
        {
            return Account(buffer, offset, _bytes!.Read(buffer, offset, Limit(count)));
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw Unreadable(Part, e);
        }
    }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (!OpenPart() || count == 0)
            return 0;
        try
        {
            return Account(buffer, offset, await _bytes!.ReadAsync(buffer, offset, Limit(count), cancellationToken));
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw Unreadable(Part, e);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bytes?.Dispose();
            _hash?.Dispose();
        }
        base.Dispose(disposing);
    }

    private OvaPart Part => parts[_results.Count];

    private int Limit(int count) => (int)Math.Min(count, _left);

    /// <summary>Goes to the next part that has bytes; false at the end of the last.</summary>
    private bool OpenPart()
    {
        while (_left <= 0)
        {
            if (_left < 0 && _results.Count == parts.Count)
                return false;
            if (_left < 0)
                Begin();
            if (_left == 0)
                Finish();
        }
        return true;
    }

    private void Begin()
    {
        var part = Part;
        try
        {
            // An empty part may be a pipe, and opening one could wait for ever.
            if (part.Length > 0 && (_store != part.Store || _position != part.Offset))
            {
                _bytes?.Dispose();
                _bytes = null;
                _bytes = part.Store.OpenAt(part.Offset, null, opened);
                (_store, _position) = (part.Store, part.Offset);
            }
        }
        catch (Exception e) when (IsReadFailure(e))
        {
            throw Unreadable(part, e);
        }
        _expected = manifest?.Find(part.Name);
        _hash = _expected is null ? null : IncrementalHash.CreateHash(new HashAlgorithmName(_expected.Algorithm));
        _left = part.Length;
    }

    private int Account(byte[] buffer, int offset, int read)
    {
        if (read == 0)
            throw new VmDeployException(ErrorCodes.OvaTruncated, $"'{Part.Path}' became shorter while '{Part.Name}' was read.", Part.Path);
        _hash?.AppendData(buffer, offset, read);
        for (var i = Math.Max(0, read - 4); i < read; i++)
            Tail = (Tail >> 8) | ((uint)buffer[offset + i] << 24);
        BytesRead += read;
        _position += read;
        _left -= read;
        if (_left == 0)
            Finish();
        return read;
    }

    private void Finish()
    {
        _results.Add(Outcome());
        _hash?.Dispose();
        _hash = null;
        _left = -1;
    }

    private OvaFileResult Outcome()
    {
        if (_expected is null)
            return new OvaFileResult(Part.Name, manifest is null ? OvaDigestState.NoManifest : OvaDigestState.NotListed);
        return OvaFileResult.Compare(_expected, _hash!.GetHashAndReset());
    }

    private static bool IsReadFailure(Exception e) => e is IOException or UnauthorizedAccessException;

    private static VmDeployException Unreadable(OvaPart part, Exception cause) =>
        new(ErrorCodes.OvaUnreadable, $"'{part.Path}' can't be read: {cause.Message}", part.Path, cause);
}

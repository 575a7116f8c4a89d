using System.Security.Cryptography;
using VmDeploy.Vmdk;

namespace VmDeploy.Ova;

/// <summary>A file of a package while it is written: computes its digests, and keeps its beginning and its end.</summary>
internal sealed class PackageStream(Stream inner, IReadOnlyCollection<string> algorithms) : Stream
{
    private readonly List<(string Name, IncrementalHash Hash)> _hashes = algorithms.Select(name => (name, IncrementalHash.CreateHash(new HashAlgorithmName(name)))).ToList();
    private readonly byte[] _head = new byte[VmdkHeader.Size];
    private readonly byte[] _tail = new byte[VmdkHeader.TailSize];

    public long Written { get; private set; }

    /// <summary>The first bytes.</summary>
    public byte[] Head => Written >= _head.Length ? _head : _head.Take((int)Written).ToArray();

    /// <summary>The last bytes.</summary>
    public byte[] Tail => Written >= _tail.Length ? _tail : _tail.Skip(_tail.Length - (int)Written).ToArray();

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => Written;

    public override long Position
    {
        get => Written;
        set => throw new NotSupportedException();
    }

    /// <summary>The digests of all that was written, in lower-case hex, by the name of the algorithm.</summary>
    public IReadOnlyDictionary<string, string> Digests() =>
        _hashes.ToDictionary(one => one.Name, one => string.Concat(one.Hash.GetHashAndReset().Select(value => value.ToString("x2", CultureInfo.InvariantCulture))));

    public override async Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var writing = inner.WriteAsync(buffer, offset, count, cancellationToken);
        Add(buffer, offset, count);
        await writing;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        inner.Write(buffer, offset, count);
        Add(buffer, offset, count);
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hashes.ForEach(one => one.Hash.Dispose());
        base.Dispose(disposing);
    }

    private void Add(byte[] buffer, int offset, int count)
    {
        if (Written < _head.Length)
            Buffer.BlockCopy(buffer, offset, _head, (int)Written, (int)Math.Min(count, _head.Length - Written));
        var last = Math.Min(count, _tail.Length);
        Buffer.BlockCopy(_tail, last, _tail, 0, _tail.Length - last);
        Buffer.BlockCopy(buffer, offset + count - last, _tail, _tail.Length - last, last);
        foreach (var (_, hash) in _hashes)
            hash.AppendData(buffer, offset, count);
        Written += count;
    }
}

using System.Security.Cryptography;
using VmDeploy.Export;
using VmDeploy.Ova;

namespace VmDeploy.Copy;

/// <summary>The bytes of a file on their way from host to host: counts and hashes them, and keeps the failure of the host that sends them.</summary>
internal sealed class CopiedStream(Stream source, ExportedFile file, Action<int> read) : ForwardStream
{
    private const int Block = 1 << 16;

    private readonly List<(string Name, IncrementalHash Hash)> _hashes = file.Digests.Select(name => (name, IncrementalHash.CreateHash(new HashAlgorithmName(name)))).ToList();

    /// <summary>Bytes so far.</summary>
    public long Count { get; private set; }

    /// <summary>Why the bytes ended early.</summary>
    public Exception? Failure { get; private set; }

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        try
        {
            return Arrived(buffer, offset, await source.ReadAsync(buffer, offset, count, cancellationToken), count);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Failure = e;
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        try
        {
            return Arrived(buffer, offset, source.Read(buffer, offset, count), count);
        }
        catch (Exception e)
        {
            Failure = e;
            throw;
        }
    }

    /// <summary>Reads what was left, which is checked too.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        var rest = new byte[Block];
        while (await ReadAsync(rest, 0, rest.Length, cancellationToken) > 0)
        {
        }
    }

    /// <summary>The digests of all bytes, by the name of the algorithm; none for a host that has none to compare.</summary>
    public IReadOnlyDictionary<string, string> Digests() =>
        _hashes.ToDictionary(one => one.Name, one => string.Concat(one.Hash.GetHashAndReset().Select(value => value.ToString("x2", CultureInfo.InvariantCulture))));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hashes.ForEach(one => one.Hash.Dispose());
        base.Dispose(disposing);
    }

    private int Arrived(byte[] buffer, int offset, int arrived, int wanted)
    {
        // A disk has all of its bytes; without this, the receiving side would take the end of a broken connection for a reason of its own.
        if (arrived == 0 && wanted > 0 && file.Form == ExportedForm.Raw && Count < file.Capacity)
            throw new EndOfStreamException();
        foreach (var (_, hash) in _hashes)
            hash.AppendData(buffer, offset, arrived);
        Count += arrived;
        read(arrived);
        return arrived;
    }
}

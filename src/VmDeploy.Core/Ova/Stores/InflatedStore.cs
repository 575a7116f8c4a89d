namespace VmDeploy.Ova;

/// <summary>What a decompressor makes, which can be read forward only.</summary>
/// <param name="path">Where the compressed bytes come from, for messages.</param>
/// <param name="length">Number of bytes where it is stated; whoever stated it may be wrong.</param>
/// <param name="most">More than this is refused.</param>
/// <param name="open">Begins again.</param>
/// <param name="places">Where readers have stopped.</param>
internal sealed class InflatedStore(string path, long? length, long most, Func<CancellationToken, Stream> open, ParkedPlaces places) : ByteStore(path)
{
    private const int SkippedAtOnce = 1 << 20;

    // What is compressed a hundred times as well as this has no disk in it. The allowance is for small files.
    private const int HighestRatio = 200;
    private const long Allowance = 64 << 20;

    private long? _length = length;

    public override long? Length => _length;

    public override bool IsForwardOnly => true;

    /// <summary>The most that a number of compressed bytes may expand to.</summary>
    public static long MostOf(long compressed) => compressed > long.MaxValue / HighestRatio / 2 ? long.MaxValue : (compressed * HighestRatio) + Allowance;

    public override Stream OpenAt(long offset, long? count, CancellationToken cancellationToken) => new View(this, places, places.Take(this, offset), offset, cancellationToken);

    /// <summary>Reads to the end, where some formats have a checksum.</summary>
    public void ReadToEnd(CancellationToken cancellationToken)
    {
        using var rest = OpenAt(long.MaxValue, null, cancellationToken);
        _ = rest.Read(new byte[1], 0, 1);
    }

    // Its places are closed with the package.
    public override void Dispose()
    {
    }

    private Decompressor Begin(CancellationToken cancellationToken) => Guard(() => new Decompressor(open, cancellationToken));

    private int Read(Decompressor source, byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        var read = Guard(() => source.Read(buffer, offset, count, cancellationToken));
        if (source.Position > most)
        {
            throw new VmDeployException(ErrorCodes.OvaExpandsTooFar,
                $"'{Path}' expands to more than {most} bytes, {HighestRatio} times its size; no package with a disk does.", Path);
        }
        if (read == 0 && count > 0)
            _length ??= source.Position;
        return read;
    }

    // Decompressors throw whatever their arithmetic makes of damaged data.
    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not (VmDeployException or OperationCanceledException))
        {
            if (e is IOException { InnerException: VmDeployException own })
                throw own;
            throw new VmDeployException(ErrorCodes.OvaCompressedFileDamaged, $"'{Path}' can't be decompressed: {e.Message}", Path, e);
        }
    }

    private sealed class View(InflatedStore store, ParkedPlaces places, Decompressor? source, long offset, CancellationToken opened) : ForwardStream
    {
        private bool _failed;

        public override int Read(byte[] buffer, int at, int count) => Read(buffer, at, count, opened);

        // Decompression is work, not waiting.
        public override Task<int> ReadAsync(byte[] buffer, int at, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer, at, count, cancellationToken));

        protected override void Dispose(bool disposing)
        {
            if (disposing && source is { } place)
            {
                source = null;
                if (_failed)
                    place.Dispose();
                else
                    places.Park(store, place);
            }
            base.Dispose(disposing);
        }

        private int Read(byte[] buffer, int at, int count, CancellationToken cancellationToken)
        {
            _failed = true;
            source ??= store.Begin(cancellationToken);
            if (source.Position < offset)
            {
                var skipped = new byte[SkippedAtOnce];
                while (source.Position < offset)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (store.Read(source, skipped, 0, (int)Math.Min(skipped.Length, offset - source.Position), cancellationToken) == 0)
                        break;
                }
            }
            cancellationToken.ThrowIfCancellationRequested();
            var read = source.Position < offset ? 0 : store.Read(source, buffer, at, count, cancellationToken);
            offset += read;
            _failed = false;
            return read;
        }
    }
}

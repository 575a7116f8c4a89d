namespace VmDeploy.Ova;

/// <summary>
/// A store that can be read forward only, with the beginnings of its members, kept when it was read for the first time: small files, and what shows
/// the format of large ones, need no second pass.
/// </summary>
internal sealed class PrefixStore(ByteStore whole) : ByteStore(whole.Path)
{
    private const int LongestWhole = 16 << 20;
    private const int LongestStart = 1 << 16;
    private const long MostInAll = 32 << 20;

    private readonly Dictionary<long, byte[]> _kept = [];
    private long _size;

    public override long? Length => whole.Length;

    public override bool IsForwardOnly => whole.IsForwardOnly;

    /// <summary>Keeps the beginning of a member, or all of one that can be a descriptor, a manifest or a certificate.</summary>
    /// <param name="member">The member.</param>
    /// <param name="read">Reads a number of bytes from a place on.</param>
    public void Keep(ArchiveMember member, Func<long, int, byte[]> read)
    {
        var isSmall = member.Length <= LongestWhole && (Ends(".ovf") || Ends(".mf") || Ends(".cert"));
        var count = (int)Math.Min(member.Length, isSmall ? LongestWhole : LongestStart);
        if (!member.IsFile || count == 0 || _size + count > MostInAll)
            return;
        _size += count;
        _kept[member.Offset] = read(member.Offset, count);

        bool Ends(string extension) => member.Name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
    }

    public override Stream OpenAt(long offset, long? count, CancellationToken cancellationToken) =>
        _kept.TryGetValue(offset, out var start) ? new View(whole, start, offset, cancellationToken) : whole.OpenAt(offset, count, cancellationToken);

    public override void Dispose() => whole.Dispose();

    private sealed class View(ByteStore whole, byte[] start, long offset, CancellationToken opened) : ForwardStream
    {
        private int _position;
        private Stream? _rest;

        public override int Read(byte[] buffer, int at, int count) => _position < start.Length ? ReadStart(buffer, at, count) : Rest().Read(buffer, at, count);

        public override Task<int> ReadAsync(byte[] buffer, int at, int count, CancellationToken cancellationToken) =>
            _position < start.Length ? Task.FromResult(ReadStart(buffer, at, count)) : Rest().ReadAsync(buffer, at, count, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                _rest?.Dispose();
            base.Dispose(disposing);
        }

        private Stream Rest() => _rest ??= whole.OpenAt(offset + start.Length, null, opened);

        private int ReadStart(byte[] buffer, int at, int count)
        {
            var read = Math.Min(count, start.Length - _position);
            Buffer.BlockCopy(start, _position, buffer, at, read);
            _position += read;
            return read;
        }
    }
}

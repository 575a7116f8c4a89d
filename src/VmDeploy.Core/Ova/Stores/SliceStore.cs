namespace VmDeploy.Ova;

/// <summary>A part of another store, as a member of an archive is.</summary>
internal sealed class SliceStore(string path, ByteStore whole, long offset, long length) : ByteStore(path)
{
    public override long? Length => length;

    public override bool IsForwardOnly => whole.IsForwardOnly;

    public override Stream OpenAt(long place, long? count, CancellationToken cancellationToken) =>
        whole.OpenAt(offset + place, Math.Min(count ?? long.MaxValue, Math.Max(0, length - place)), cancellationToken);

    public override void Dispose() => whole.Dispose();
}

using System.Net;

namespace VmDeploy.Transfer;

/// <summary>A request body, read once from a stream that stays open; <paramref name="sent"/> gets the bytes of each block. Without a length it is sent in chunks.</summary>
internal class UploadContent(Stream source, long? length, Action<int> sent) : HttpContent
{
    private readonly long? _length = length;

    /// <summary>The time limit of the upload.</summary>
    public StallLimit? Limit { get; set; }

    /// <summary>Stops the copy; HttpContent has no token on netstandard2.0.</summary>
    public CancellationToken Cancellation { get; set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    protected sealed override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        WriteAsync(new MeteredStream(source, _ => Limit?.Restart()) { Waiting = () => Limit?.Pause() }, stream, count =>
        {
            Limit?.Restart();
            sent(count);
        }, Cancellation);

    /// <summary>Writes the body.</summary>
    private protected virtual Task WriteAsync(Stream from, Stream to, Action<int> moved, CancellationToken cancellationToken) =>
        BlockCopier.CopyAsync(from, to, moved, cancellationToken);
}

using System.Net;

namespace VmDeploy.Transfer;

/// <summary>A request body of known length, read once from a stream that stays open; <paramref name="sent"/> gets the bytes of each block.</summary>
internal sealed class UploadContent(Stream source, long length, Action<int> sent) : HttpContent
{
    private readonly long _length = length;

    /// <summary>Called whenever bytes have moved.</summary>
    public Action Watchdog { get; set; } = () => { };

    /// <summary>Stops the copy; HttpContent has no token on netstandard2.0.</summary>
    public CancellationToken Cancellation { get; set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        BlockCopier.CopyAsync(source, stream, count => { Watchdog(); sent(count); }, Cancellation);
}

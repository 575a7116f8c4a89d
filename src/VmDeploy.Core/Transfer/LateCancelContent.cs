using System.Net;

namespace VmDeploy.Transfer;

/// <summary>
/// The body of a request that can be cancelled only until sending begins: afterwards the host may create an object, whose
/// reference would be lost with the reply.
/// </summary>
internal sealed class LateCancelContent : HttpContent
{
    private const int Waiting = 0, Sending = 1, Cancelled = 2;

    private readonly HttpContent _content;
    private int _state;

    public LateCancelContent(HttpContent content)
    {
        _content = content;
        foreach (var header in content.Headers)
            Headers.TryAddWithoutValidation(header.Key, header.Value);
    }

    /// <summary>Prevents the body from being sent; false if sending has begun.</summary>
    public bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Waiting) != Sending;

    protected override bool TryComputeLength(out long length)
    {
        length = _content.Headers.ContentLength ?? 0;
        return _content.Headers.ContentLength is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        Interlocked.CompareExchange(ref _state, Sending, Waiting) == Cancelled
            ? throw new OperationCanceledException()
            : _content.CopyToAsync(stream, context);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _content.Dispose();
        base.Dispose(disposing);
    }
}

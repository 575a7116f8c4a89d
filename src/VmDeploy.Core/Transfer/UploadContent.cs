using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Transfer;

/// <summary>
/// A request body of known length from a stream. The next block is read (and so inflated and hashed) while the present one is
/// sent, so that the slower of the two sets the pace; two blocks are all the memory it takes.
/// </summary>
internal sealed class UploadContent : HttpContent
{
    private const int BlockSize = 1 << 20;

    private readonly Stream _source;
    private readonly long _length;
    private readonly Action<int> _sent;

    /// <param name="source">Read once, from its present position; not disposed.</param>
    /// <param name="length">Bytes that the source holds; becomes the Content-Length.</param>
    /// <param name="sent">Called after each block with its bytes.</param>
    public UploadContent(Stream source, long length, Action<int> sent)
    {
        _source = source;
        _length = length;
        _sent = sent;
    }

    /// <summary>Called whenever bytes have moved.</summary>
    public Action Watchdog { get; set; } = () => { };

    /// <summary>Stops the reading side; HttpContent offers no token on this framework.</summary>
    public CancellationToken Cancellation { get; set; }

    protected override bool TryComputeLength(out long length)
    {
        length = _length;
        return true;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        byte[] sending = new byte[BlockSize], reading = new byte[BlockSize];
        var next = ReadBlockAsync(reading);
        try
        {
            while (await next is int count && count > 0)
            {
                (sending, reading) = (reading, sending);
                var target = reading;
                next = Task.Run(() => ReadBlockAsync(target));
                await stream.WriteAsync(sending, 0, count, Cancellation);
                Watchdog();
                _sent(count);
            }
        }
        finally
        {
            // The source must be idle when the caller disposes it.
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<int> ReadBlockAsync(byte[] block)
    {
        var filled = 0;
        while (filled < block.Length)
        {
            var read = await _source.ReadAsync(block, filled, block.Length - filled, Cancellation);
            if (read == 0)
                break;
            filled += read;
        }
        return filled;
    }
}

using VmDeploy.Transfer;
using Xunit;

namespace VmDeploy.Tests.Replies;

/// <summary>A reply that is read while the rest is being received.</summary>
public sealed class ReceivedStreamTests
{
    private const int Block = ReceivedStream.BlockSize;

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 1, 7)]
    [InlineData(Block, Block, Block)]
    [InlineData(Block + 1, Block, 1000)]
    [InlineData(3 * Block, 7001, Block + 1)]
    [InlineData((5 * Block) + 17, 1, 3 * Block)]
    [InlineData((5 * Block) + 17, Block - 1, 4096)]
    public async Task What_is_received_is_read_whatever_the_sizes_of_the_pieces(int length, int received, int read)
    {
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        using var stream = new ReceivedStream();
        var reading = Task.Factory.StartNew(() => ReadAll(stream, read), TaskCreationOptions.LongRunning);
        Receive(stream, sent, received);
        stream.Complete();
        Assert.Equal(sent, await reading);
    }

    [Fact]
    public void What_was_received_before_the_first_read_is_all_there()
    {
        var sent = new byte[(3 * Block) + 5];
        new Random(1).NextBytes(sent);
        using var stream = new ReceivedStream();
        Receive(stream, sent, 5000);
        stream.Complete();
        Assert.Equal(sent, ReadAll(stream, 777));
        Assert.Equal(0, stream.Read(new byte[1], 0, 1));
    }

    // Blocks that were read are used again: what the next bytes are written to must not be what is still to be read.
    [Fact]
    public void Reading_and_receiving_by_turns_mixes_nothing_up()
    {
        var random = new Random(2);
        var sent = new byte[20 * Block];
        random.NextBytes(sent);
        using var stream = new ReceivedStream();
        var got = new List<byte>();
        for (var at = 0; at < sent.Length;)
        {
            var free = stream.Free;
            var count = Math.Min(Math.Min(free.Count, sent.Length - at), random.Next(1, 2 * Block));
            sent.AsSpan(at, count).CopyTo(free);
            stream.Add(count);
            at += count;
            var buffer = new byte[random.Next(1, 3 * Block)];
            // No more than is there: it would wait.
            for (var wanted = Math.Min(buffer.Length, at - got.Count); wanted > 0;)
            {
                var read = stream.Read(buffer, 0, wanted);
                got.AddRange(buffer.AsSpan(0, read));
                wanted -= read;
            }
        }
        stream.Complete();
        got.AddRange(ReadAll(stream, Block));
        Assert.Equal(sent, got);
    }

    private static void Receive(ReceivedStream stream, byte[] sent, int piece)
    {
        for (var at = 0; at < sent.Length;)
        {
            var free = stream.Free;
            var count = Math.Min(Math.Min(free.Count, piece), sent.Length - at);
            sent.AsSpan(at, count).CopyTo(free);
            stream.Add(count);
            at += count;
        }
    }

    private static byte[] ReadAll(ReceivedStream stream, int piece)
    {
        var got = new List<byte>();
        var buffer = new byte[piece];
        while (stream.Read(buffer, 0, piece) is var count and > 0)
            got.AddRange(buffer.AsSpan(0, count));
        return [.. got];
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VmDeploy.Ova;

namespace VmDeploy.Benchmarks;

/// <summary>The bytes of a disk of any size, which are stored nowhere: no two grains are the same, none is zero, and three quarters of each compress well.</summary>
/// <param name="length">Bytes.</param>
internal sealed class GeneratedDisk(long length) : ForwardStream
{
    private const int Grain = 1 << 16;
    private const int Random = Grain / 4;

    private readonly byte[] _grain = new byte[Grain];
    private long _position;

    public override int Read(byte[] buffer, int offset, int count)
    {
        var at = (int)(_position % Grain);
        if (at == 0)
            Fill((ulong)(_position / Grain) + 1);
        var read = (int)Math.Min(Math.Min(count, Grain - at), length - _position);
        Buffer.BlockCopy(_grain, at, buffer, offset, read);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer, offset, count));

    // splitmix64, begun anew for each grain.
    private void Fill(ulong number)
    {
        var state = number * 0x9E3779B97F4A7C15;
        foreach (ref var word in MemoryMarshal.Cast<byte, ulong>(_grain.AsSpan(0, Random)))
        {
            var mixed = state += 0x9E3779B97F4A7C15;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            word = mixed ^ (mixed >> 31);
        }
        for (var at = Random; at < Grain; at += sizeof(ulong))
            BinaryPrimitives.WriteUInt64LittleEndian(_grain.AsSpan(at), number);
    }
}

using System.Numerics;

namespace VmDeploy.Vmdk;

/// <summary>The checksum at the end of a zlib stream (RFC 1950, section 8.2).</summary>
internal static class Adler32
{
    private const uint Modulus = 65521;

    // Lane sums of sums are below 2^32 for 255 * n * (n + 1) / 2, so n up to 5800.
    private const int MaxSteps = 4096;

    public static uint Compute(byte[] data, int offset, int count)
    {
        ulong a = 1, b = 0;
        var width = Vector<byte>.Count;
        while (count >= width)
        {
            var steps = Math.Min(count / width, MaxSteps);
            AddBlock(data, offset, steps, ref a, ref b);
            offset += steps * width;
            count -= steps * width;
        }
        for (; count > 0; count--)
        {
            a += data[offset++];
            b += a;
        }
        return ((uint)(b % Modulus) << 16) | (uint)(a % Modulus);
    }

    // Every lane runs its own Adler over the bytes that fall on it. A byte in lane j at step k of n has the weight
    // width * (n - k) - j in the whole: the lane's own weight (n - k), times width, less j for each byte in the lane.
    private static void AddBlock(byte[] data, int offset, int steps, ref ulong a, ref ulong b)
    {
        var width = Vector<byte>.Count;
        Vector<uint> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector<uint> b0 = default, b1 = default, b2 = default, b3 = default;
        for (var step = 0; step < steps; step++, offset += width)
        {
            Vector.Widen(new Vector<byte>(data, offset), out var low, out var high);
            Vector.Widen(low, out var w0, out var w1);
            Vector.Widen(high, out var w2, out var w3);
            a0 += w0;
            a1 += w1;
            a2 += w2;
            a3 += w3;
            b0 += a0;
            b1 += a1;
            b2 += a2;
            b3 += a3;
        }

        ulong sum = 0, weighted = 0, lane = 0;
        b += a * (ulong)(steps * width);
        Fold(a0, b0);
        Fold(a1, b1);
        Fold(a2, b2);
        Fold(a3, b3);
        a = (a + sum) % Modulus;
        b = (b + weighted) % Modulus;

        void Fold(Vector<uint> sums, Vector<uint> sumsOfSums)
        {
            for (var i = 0; i < Vector<uint>.Count; i++, lane++)
            {
                sum += sums[i];
                weighted += ((ulong)width * sumsOfSums[i]) - (lane * sums[i]);
            }
        }
    }
}

using VmDeploy.Tests.Vmdk;

namespace VmDeploy.Tests.Support;

/// <summary>Disks in the format of an OVA.</summary>
internal static class StreamVmdk
{
    private const int Grain = 64 * 1024;

    /// <summary>A disk of a few grains with random content, different for each seed.</summary>
    public static byte[] Sample(int seed = 1, int grains = 3)
    {
        var raw = new byte[grains * Grain];
        new Random(seed).NextBytes(raw);
        return FromRaw(raw);
    }

    /// <summary>The disk of a raw image of whole sectors.</summary>
    public static byte[] FromRaw(byte[] raw) => FaultyVmdkWriter.Write(raw);
}

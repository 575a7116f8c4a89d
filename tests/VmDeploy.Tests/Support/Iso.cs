namespace VmDeploy.Tests.Support;

/// <summary>What is enough to be taken for an ISO image.</summary>
internal static class Iso
{
    /// <summary>Makes content that is long enough one, of ISO 9660.</summary>
    public static byte[] Mark(byte[] content)
    {
        "CD001"u8.CopyTo(content.AsSpan(16 * 2048 + 1));
        return content;
    }
}

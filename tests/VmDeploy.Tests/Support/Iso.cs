namespace VmDeploy.Tests.Support;

/// <summary>The smallest content that counts as an ISO image.</summary>
internal static class Iso
{
    /// <summary>Turns content that is long enough into an ISO 9660 image.</summary>
    public static byte[] Mark(byte[] content)
    {
        "CD001"u8.CopyTo(content.AsSpan(16 * 2048 + 1));
        return content;
    }
}

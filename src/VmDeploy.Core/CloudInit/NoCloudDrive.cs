using System.Text;

namespace VmDeploy.CloudInit;

/// <summary>The drive from which cloud-init's NoCloud source reads its documents: a raw disk (a FAT volume) or an ISO, labeled <c>cidata</c>.</summary>
public static class NoCloudDrive
{
    /// <summary>The volume label by which cloud-init finds the drive.</summary>
    public const string VolumeLabel = "cidata";

    /// <summary>Bytes of the disk.</summary>
    public const long Size = FatImage.Size;

    /// <summary>Builds the image of a disk.</summary>
    /// <exception cref="VmDeployException"><c>CloudInitTooLarge</c>.</exception>
    internal static byte[] BuildDisk(CloudInitDocuments documents) => FatImage.Build(VolumeLabel, Files(documents));

    /// <summary>Builds an ISO image.</summary>
    /// <exception cref="VmDeployException"><c>CloudInitTooLarge</c>.</exception>
    internal static byte[] BuildIso(CloudInitDocuments documents) => IsoVolume.Build(VolumeLabel, Files(documents));

    // cloud-init ignores a drive without user-data.
    private static List<(string Name, byte[] Content)> Files(CloudInitDocuments documents)
    {
        var texts = new[]
        {
            ("meta-data", documents.MetaData), ("network-config", documents.NetworkConfig),
            ("user-data", documents.UserData ?? "#cloud-config\n{}\n"), ("vendor-data", documents.VendorData),
        };
        var files = texts.Where(file => file.Item2 is not null).Select(file => (file.Item1, Encoding.UTF8.GetBytes(file.Item2!))).ToList();
        var total = files.Sum(file => (long)file.Item2.Length);
        return total <= FatImage.Capacity(files.Count) ? files : throw new VmDeployException(ErrorCodes.CloudInitTooLarge,
            $"The cloud-init documents have {total} bytes; the drive holds {FatImage.Capacity(files.Count)}.");
    }
}

using System.IO.Compression;

namespace VmDeploy;

/// <summary>The form of an exported package.</summary>
public enum PackageFormat
{
    /// <summary>One file, a tar archive.</summary>
    Ova,

    /// <summary>A folder with the descriptor and its files.</summary>
    Ovf,
}

/// <summary>The digests of a manifest.</summary>
public enum ManifestAlgorithm
{
    /// <summary>SHA-256.</summary>
    SHA256,

    /// <summary>SHA-512.</summary>
    SHA512,

    /// <summary>SHA-1, for old tools.</summary>
    SHA1,

    /// <summary>No manifest.</summary>
    None,
}

/// <summary>How hard disks are compressed.</summary>
public enum PackageCompression
{
    /// <summary>As fast as possible.</summary>
    Fastest,

    /// <summary>Smaller, in more time.</summary>
    Optimal,
}

/// <summary>A VM to export.</summary>
/// <param name="Vm">The VM, or a template.</param>
/// <param name="Destination">The local file or folder; one that ends in a slash, or exists, is the folder that the package is put into.</param>
public sealed record ExportRequest(Vm Vm, string Destination)
{
    /// <summary>The form of the package.</summary>
    public PackageFormat Format { get; init; }

    /// <summary>The digests of the manifest.</summary>
    public ManifestAlgorithm Manifest { get; init; }

    /// <summary>How hard disks are compressed that the host does not send compressed; null for the usual, <see cref="PackageCompression.Fastest"/>.</summary>
    public PackageCompression? Compression { get; init; }

    /// <summary>Export a VM that is not off through a temporary snapshot.</summary>
    public bool Snapshot { get; init; }

    /// <summary>How many disks are read at the same time into a folder; those of an OVA are read one after the other.</summary>
    public int ThrottleLimit { get; init; } = 2;

    /// <summary>Overwrite an existing package.</summary>
    public bool Force { get; init; }

    /// <summary>Full paths of packages that are never overwritten, even with <see cref="Force"/>; in upper or lower case, as some file systems ignore it.</summary>
    public IReadOnlyCollection<string> Kept { get; init; } = [];

    internal CompressionLevel CompressionLevel => Compression == PackageCompression.Optimal ? CompressionLevel.Optimal : CompressionLevel.Fastest;
}

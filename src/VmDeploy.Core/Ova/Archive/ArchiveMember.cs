namespace VmDeploy.Ova;

/// <summary>A member of an archive of any kind.</summary>
/// <param name="Name">As stored, without a leading <c>./</c>; never used as a path of the file system.</param>
/// <param name="Store">What holds its bytes.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">Bytes.</param>
/// <param name="IsFile">False for links, folders, devices and what only other programs understand.</param>
internal sealed record ArchiveMember(string Name, ByteStore Store, long Offset, long Length, bool IsFile)
{
    /// <summary>The name without its folders.</summary>
    public string BaseName => Name.Substring(Name.LastIndexOf('/') + 1);
}

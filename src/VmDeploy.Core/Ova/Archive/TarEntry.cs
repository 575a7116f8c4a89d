namespace VmDeploy.Ova;

/// <summary>A member of a tar archive.</summary>
/// <param name="Name">As stored, without a leading <c>./</c>; never used as a path of the file system.</param>
/// <param name="Offset">Where its bytes begin in the archive.</param>
/// <param name="Length">How many they are.</param>
/// <param name="IsFile">False for links, directories, devices and what only other programs understand.</param>
internal sealed record TarEntry(string Name, long Offset, long Length, bool IsFile);

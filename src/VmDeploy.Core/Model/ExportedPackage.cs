namespace VmDeploy;

/// <summary>A package that was exported.</summary>
/// <param name="Path">Full path of the <c>.ova</c> or <c>.ovf</c>.</param>
/// <param name="Length">Bytes of the package, with all its files.</param>
/// <param name="VmName">The name of the VM.</param>
/// <param name="Server">The address of its host.</param>
public sealed record ExportedPackage(string Path, long Length, string VmName, string Server)
{
    /// <summary>The same path, as files have it.</summary>
    public string FullName => Path;

    /// <summary>The name of the file.</summary>
    public string FileName => System.IO.Path.GetFileName(Path);

    /// <summary>The files in the package, the descriptor first.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Path);
}

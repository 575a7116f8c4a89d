namespace VmDeploy.Ova;

/// <summary>The files in the folder of an .ovf.</summary>
internal sealed class FolderSource : PackageSource
{
    private readonly string _folder;

    public FolderSource(FileStore descriptor)
        : base(descriptor.Path)
    {
        _folder = System.IO.Path.GetDirectoryName(Path)!;
        Descriptor = new OvaPart(System.IO.Path.GetFileName(Path), descriptor, 0, descriptor.Length!.Value);
    }

    public override OvaPart Descriptor { get; }

    public override OvaPart? Find(string name)
    {
        var file = new FileInfo(Resolve(name));
        return file.Exists ? new OvaPart(name, new FileStore(file.FullName, file.Length), 0, file.Length) : null;
    }

    public override IEnumerable<string> NamesStartingWith(string prefix)
    {
        var path = Resolve(prefix);
        var parent = prefix.Substring(0, prefix.LastIndexOf('/') + 1);
        var start = System.IO.Path.GetFileName(path);
        var folder = new DirectoryInfo(System.IO.Path.GetDirectoryName(path)!);
        return folder.Exists
            ? folder.EnumerateFiles().Select(file => file.Name).Where(name => name.StartsWith(start, StringComparison.Ordinal)).Select(name => parent + name)
            : [];
    }

    public override OvaPart? FindCompanion(string extension) => Find(StemOf(Descriptor.Name) + extension);

    /// <summary>The path of a name inside the folder; a name that could lead out of it is refused.</summary>
    private string Resolve(string name)
    {
        CheckInside(name);
        return System.IO.Path.Combine([_folder, .. name.Split('/')]);
    }
}

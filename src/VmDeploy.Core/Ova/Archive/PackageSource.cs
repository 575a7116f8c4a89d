namespace VmDeploy.Ova;

/// <summary>Where the files of a package come from: an archive, or the folder of an .ovf.</summary>
internal abstract class PackageSource(string path)
{

    /// <summary>Full path of the .ova or .ovf.</summary>
    public string Path { get; } = path;

    public abstract OvaPart Descriptor { get; }

    public abstract OvaPart? Find(string name);

    public abstract IEnumerable<string> NamesStartingWith(string prefix);

    /// <summary>The .mf or .cert that belongs to the descriptor: of the same name, or in an archive also the only one there is.</summary>
    public abstract OvaPart? FindCompanion(string extension);

    protected static string StemOf(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot < 0 ? name : name.Substring(0, dot);
    }

    protected static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}

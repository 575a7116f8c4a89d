namespace VmDeploy.Ova;

/// <summary>Where the files of a package come from: an archive, or the folder of an .ovf.</summary>
internal abstract class PackageSource(string path) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Full path of the .ova or .ovf.</summary>
    public string Path { get; } = path;

    public abstract OvaPart Descriptor { get; }

    public abstract OvaPart? Find(string name);

    public abstract IEnumerable<string> NamesStartingWith(string prefix);

    /// <summary>The .mf or .cert that belongs to the descriptor: of the same name, or in an archive also the only one there is.</summary>
    public abstract OvaPart? FindCompanion(string extension);

    /// <summary>Closes these with itself.</summary>
    public void Own(IEnumerable<IDisposable> stores) => _owned.AddRange(stores);

    public void Dispose() => _owned.ForEach(store => store.Dispose());

    /// <summary>A name that could lead out of the package's folder is refused.</summary>
    protected void CheckInside(string name)
    {
        if (name.IndexOfAny(['\\', ':', '\0']) >= 0 || name.Split('/').Any(step => step is "" or "." or ".."))
            throw new VmDeployException(ErrorCodes.OvaReferenceInvalid, $"'{Path}' names the file '{name}', which is not a path inside its folder.", name);
    }

    protected static string StemOf(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot < 0 ? name : name.Substring(0, dot);
    }

    protected static bool HasExtension(string name, string extension) => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase);
}

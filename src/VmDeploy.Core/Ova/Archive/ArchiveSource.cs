namespace VmDeploy.Ova;

/// <summary>The members of an .ova.</summary>
internal sealed class ArchiveSource : PackageSource
{
    private readonly Dictionary<string, TarMember> _members;
    private readonly bool _hasEndMarker;

    public ArchiveSource(FileStream archive, CancellationToken cancellationToken)
        : base(archive.Name)
    {
        var index = TarIndex.Read(archive, Path, cancellationToken);
        _hasEndMarker = index.HasEndMarker;
        // macOS puts "._name" companions beside the files.
        _members = index.Members.Where(entry => !BaseName(entry.Name).StartsWith("._", StringComparison.Ordinal)).ToDictionary(entry => entry.Name);
        Descriptor = FindDescriptor();
    }

    public override OvaPart Descriptor { get; }

    public override OvaPart? Find(string name)
    {
        if (!_members.TryGetValue(name, out var entry))
            return null;
        return entry.IsFile
            ? ToPart(entry)
            : throw new VmDeployException(ErrorCodes.OvaEntryNotSupported, $"'{name}' in '{Path}' is a link, a folder or a device, not a regular file.", Path);
    }

    public override IEnumerable<string> NamesStartingWith(string prefix) =>
        _members.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    public override OvaPart? FindCompanion(string extension)
    {
        var candidates = FilesWith(extension);
        var own = candidates.FirstOrDefault(entry => string.Equals(StemOf(entry.Name), StemOf(Descriptor.Name), StringComparison.OrdinalIgnoreCase));
        var found = own is not null ? ToPart(own) : candidates.Count == 1 ? ToPart(candidates[0]) : null;
        if (found is null && extension == ".mf" && !_hasEndMarker)
        {
            // An archive that was cut between two members looks complete; only the manifest can show that it is not.
            throw new VmDeployException(ErrorCodes.OvaTruncated,
                $"'{Path}' ends without an end marker and without a manifest, so its last files may be missing.", Path);
        }
        return found;
    }

    private OvaPart FindDescriptor()
    {
        var found = FilesWith(".ovf");
        return found.Count switch
        {
            1 => ToPart(found[0]),
            0 => throw new VmDeployException(ErrorCodes.OvaNoDescriptor, $"'{Path}' contains no .ovf{Contents()}.", Path),
            _ => throw new VmDeployException(ErrorCodes.OvaSeveralDescriptors,
                $"'{Path}' contains {found.Count} .ovf files: {Names.List(found.Select(entry => entry.Name))}.", Path),
        };
    }

    private string Contents() => _members.Count == 0 ? ", it is empty" : $"; it contains {Names.List(_members.Keys)}";

    private List<TarMember> FilesWith(string extension) =>
        _members.Values.Where(entry => entry.IsFile && HasExtension(entry.Name, extension)).ToList();

    private OvaPart ToPart(TarMember entry) => new(entry.Name, Path, entry.Offset, entry.Length);

    private static string BaseName(string name) => name.Substring(name.LastIndexOf('/') + 1);
}

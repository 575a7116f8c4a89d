namespace VmDeploy.Ova;

/// <summary>
/// The members of an .ova or another archive. Those of the descriptor's folder count, by their names in it.
/// </summary>
internal sealed class ArchiveSource : PackageSource
{
    private readonly Dictionary<string, ArchiveMember> _members = new(StringComparer.Ordinal);
    private readonly bool _hasEnd;

    /// <param name="path">Of the archive, for messages.</param>
    /// <param name="members">Of two with the same name the later one counts.</param>
    /// <param name="hasEnd">The archive shows that it is complete.</param>
    public ArchiveSource(string path, IEnumerable<ArchiveMember> members, bool hasEnd)
        : base(path)
    {
        _hasEnd = hasEnd;
        foreach (var member in members.Where(member => !IsCompanionOfMac(member)))
        {
            if (Array.IndexOf(member.Name.Split('/', '\\'), "..") >= 0)
                throw new VmDeployException(ErrorCodes.OvaEntryNotSupported, $"'{path}' contains '{member.Name}', whose path leads out of it.", path);
            _members[member.Name] = member;
        }
        var descriptor = FindDescriptor();
        var folder = descriptor.Name.Substring(0, descriptor.Name.Length - descriptor.BaseName.Length);
        if (folder.Length > 0)
        {
            var inside = _members.Values.Where(member => member.Name.StartsWith(folder, StringComparison.Ordinal) && member.Name.Length > folder.Length).ToList();
            _members.Clear();
            foreach (var member in inside)
                _members[member.Name.Substring(folder.Length)] = member with { Name = member.Name.Substring(folder.Length) };
            descriptor = _members[descriptor.BaseName];
        }
        Descriptor = ToPart(descriptor);
    }

    /// <summary>macOS puts "._name" files beside the files.</summary>
    public static bool IsCompanionOfMac(ArchiveMember member) => member.BaseName.StartsWith("._", StringComparison.Ordinal);

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
        if (found is null && extension == ".mf" && !_hasEnd)
        {
            // An archive that was cut between two members looks complete; only the manifest can show that it is not.
            throw new VmDeployException(ErrorCodes.OvaTruncated,
                $"'{Path}' ends without an end marker and without a manifest, so its last files may be missing.", Path);
        }
        return found;
    }

    private ArchiveMember FindDescriptor()
    {
        var found = FilesWith(".ovf");
        return found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.OvaNoDescriptor, $"'{Path}' contains no .ovf{Contents()}.", Path),
            _ => throw new VmDeployException(ErrorCodes.OvaSeveralDescriptors,
                $"'{Path}' contains {found.Count} .ovf files: {Names.List(found.Select(entry => entry.Name))}.", Path),
        };
    }

    private string Contents() => _members.Count == 0 ? ", it is empty" : $"; it contains {Names.List(_members.Keys)}";

    private List<ArchiveMember> FilesWith(string extension) =>
        _members.Values.Where(entry => entry.IsFile && HasExtension(entry.Name, extension)).ToList();

    private static OvaPart ToPart(ArchiveMember member) => new(member.Name, member.Store, member.Offset, member.Length);
}

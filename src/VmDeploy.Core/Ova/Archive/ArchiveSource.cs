using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;

namespace VmDeploy.Ova;

/// <summary>The members of an .ova.</summary>
internal sealed class ArchiveSource : PackageSource
{
    private readonly Dictionary<string, TarEntry> _entries;
    private readonly bool _hasEndMarker;

    public ArchiveSource(FileStream archive, CancellationToken cancellationToken)
        : base(archive.Name)
    {
        var index = TarIndex.Read(archive, Path, cancellationToken);
        _hasEndMarker = index.HasEndMarker;
        // macOS puts "._name" companions beside the files.
        _entries = index.Entries.Where(entry => !BaseName(entry.Name).StartsWith("._", StringComparison.Ordinal)).ToDictionary(entry => entry.Name);
        Descriptor = FindDescriptor();
    }

    public override OvaPart Descriptor { get; }

    public override OvaPart? Find(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            return null;
        return entry.IsFile
            ? ToPart(entry)
            : throw new VmDeployException(ErrorCodes.OvaEntryNotSupported, $"'{name}' in '{Path}' is no plain file but a link, folder or device.", Path);
    }

    public override IEnumerable<string> NamesStartingWith(string prefix) =>
        _entries.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    public override OvaPart? FindCompanion(string extension)
    {
        var candidates = FilesWith(extension);
        var own = candidates.FirstOrDefault(entry => string.Equals(StemOf(entry.Name), StemOf(Descriptor.Name), StringComparison.OrdinalIgnoreCase));
        var found = own is not null ? ToPart(own) : candidates.Count == 1 ? ToPart(candidates[0]) : null;
        if (found is null && extension == ".mf" && !_hasEndMarker)
        {
            // Cut exactly between two members, the archive looks whole; only the manifest could tell that it is.
            throw new VmDeployException(ErrorCodes.OvaTruncated,
                $"'{Path}' ends without an end mark and without a manifest, so its last files may be missing.", Path);
        }
        return found;
    }

    private OvaPart FindDescriptor()
    {
        var found = FilesWith(".ovf");
        return found.Count switch
        {
            1 => ToPart(found[0]),
            0 => throw new VmDeployException(ErrorCodes.OvaNoDescriptor, $"There is no .ovf in '{Path}'{Contents()}.", Path),
            _ => throw new VmDeployException(ErrorCodes.OvaSeveralDescriptors,
                $"There are {found.Count} .ovf files in '{Path}': {string.Join(", ", found.Take(5).Select(entry => $"'{entry.Name}'"))}.", Path),
        };
    }

    private string Contents() => _entries.Count == 0
        ? ", it is empty"
        : $"; it holds {string.Join(", ", _entries.Keys.Take(5).Select(name => $"'{name}'"))}{(_entries.Count > 5 ? " and others" : "")}";

    private List<TarEntry> FilesWith(string extension) =>
        _entries.Values.Where(entry => entry.IsFile && HasExtension(entry.Name, extension)).ToList();

    private OvaPart ToPart(TarEntry entry) => new(entry.Name, Path, entry.Offset, entry.Length);

    private static string BaseName(string name) => name.Substring(name.LastIndexOf('/') + 1);
}

using System.Text;
using VmDeploy.Export;
using VmDeploy.Vmdk;

namespace VmDeploy.Ova;

/// <summary>Writes a package: its files as they come, and then the descriptor and the manifest, which tell about them.</summary>
internal abstract class PackageWriter(string stem, ManifestAlgorithm manifest)
{
    /// <summary>All files of the package, when it is complete.</summary>
    public IReadOnlyList<string> Names { get; private set; } = [];

    /// <summary>Several files can be written at the same time.</summary>
    public abstract bool CanWriteSideBySide { get; }

    protected string DescriptorName => stem + ".ovf";
    protected string ManifestName => stem + ".mf";

    /// <summary>Begins, with space for a descriptor of so many bytes.</summary>
    public abstract void Begin(int descriptorRoom);

    /// <summary>Writes a file, over what an attempt before has left of it.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileNotWritable</c>, or <c>DownloadFailed</c> for a disk that is not a stream-optimized VMDK.</exception>
    public async Task<PackageFile> AddAsync(string name, ExportedFile source, Func<Stream, Task> write)
    {
        var algorithms = new HashSet<string>();
        if (manifest != ManifestAlgorithm.None)
            algorithms.Add(manifest.ToString());
        algorithms.UnionWith(source.Digests);
        using var stream = await OpenAsync(name, algorithms, write);
        return new PackageFile(source, name, stream.Written, stream.Digests()) { Capacity = source.Form == ExportedForm.StreamOptimized ? CapacityOf(name, stream) : source.Capacity };
    }

    /// <summary>The file is as it should be.</summary>
    public abstract void Keep(PackageFile file);

    /// <summary>Writes the descriptor and the manifest of these files.</summary>
    public void End(IReadOnlyList<PackageFile> files, string descriptor)
    {
        var content = Fit(new UTF8Encoding(false).GetBytes(descriptor));
        string? text = null;
        if (manifest != ManifestAlgorithm.None)
        {
            using var stream = new PackageStream(Stream.Null, [manifest.ToString()]);
            stream.Write(content, 0, content.Length);
            (string Name, IReadOnlyDictionary<string, string> Digests)[] all = [(DescriptorName, stream.Digests()), .. files.Select(file => (file.Name, file.Digests))];
            text = string.Concat(all.Select(one => $"{manifest}({one.Name})= {one.Digests[manifest.ToString()]}\n"));
        }
        Finish(content, text is null ? null : Encoding.ASCII.GetBytes(text));
        Names = [DescriptorName, .. files.Select(file => file.Name), .. text is null ? Array.Empty<string>() : [ManifestName]];
    }

    /// <summary>Opens the place of a file, runs the work on it, and fills it up.</summary>
    protected abstract Task<PackageStream> OpenAsync(string name, IReadOnlyCollection<string> algorithms, Func<Stream, Task> write);

    /// <summary>The descriptor as it is stored.</summary>
    protected virtual byte[] Fit(byte[] descriptor) => descriptor;

    protected abstract void Finish(byte[] descriptor, byte[]? manifestText);

    // Not every host says how much it sends: then only the disk itself shows that it is whole.
    private static long CapacityOf(string name, PackageStream disk)
    {
        if (VmdkHeader.TryParse(disk.Head, out _) is not { IsStreamOptimized: true } header)
            throw Failed($"What the host sent as '{name}' is not a stream-optimized VMDK.");
        return header.IsEndedBy(disk.Tail) ? header.CapacityBytes : throw Failed($"What the host sent as '{name}' ends before the end of the disk.");

        VmDeployException Failed(string message) => new(ErrorCodes.DownloadFailed, message, name) { IsTransient = true };
    }
}

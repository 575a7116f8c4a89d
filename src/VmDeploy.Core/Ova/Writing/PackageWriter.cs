using System.Text;
using VmDeploy.Export;
using VmDeploy.Vmdk;

namespace VmDeploy.Ova;

/// <summary>Writes a package: its files as they come, and then the descriptor and the manifest, which tell about them.</summary>
internal abstract class PackageWriter(string stem, ManifestAlgorithm manifest)
{
    private readonly List<PackageFile> _files = [];
    private readonly List<(string Name, string Digest)> _digests = [];
    private PackageFile? _last;

    /// <summary>All files of the package.</summary>
    public IReadOnlyList<string> Names => [DescriptorName, .. _files.Select(file => file.Name), .. manifest == ManifestAlgorithm.None ? Array.Empty<string>() : [ManifestName]];

    protected string DescriptorName => stem + ".ovf";
    protected string ManifestName => stem + ".mf";

    /// <summary>Begins, with space for a descriptor of so many bytes.</summary>
    public abstract void Begin(int descriptorRoom);

    /// <summary>Writes a file, over the last one unless that is kept.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileNotWritable</c>, or <c>DownloadFailed</c> for a disk that is not a stream-optimized VMDK.</exception>
    public async Task<PackageFile> AddAsync(string name, ExportedFile source, Func<Stream, Task> write)
    {
        var algorithms = new HashSet<string>();
        if (manifest != ManifestAlgorithm.None)
            algorithms.Add(manifest.ToString());
        algorithms.UnionWith(source.Digests);
        using var stream = await OpenAsync(name, algorithms, write);
        return _last = new PackageFile(source, name, stream.Written, stream.Digests()) { Capacity = source.Form == ExportedForm.StreamOptimized ? CapacityOf(name, stream) : source.Capacity };
    }

    /// <summary>The last file is as it should be.</summary>
    public void Keep()
    {
        Advance(_last!.Length);
        _files.Add(_last);
        if (manifest != ManifestAlgorithm.None)
            _digests.Add((_last.Name, _last.Digests[manifest.ToString()]));
    }

    /// <summary>Writes the descriptor and the manifest.</summary>
    public void End(string descriptor)
    {
        var content = Fit(new UTF8Encoding(false).GetBytes(descriptor));
        string? text = null;
        if (manifest != ManifestAlgorithm.None)
        {
            using var stream = new PackageStream(Stream.Null, [manifest.ToString()]);
            stream.Write(content, 0, content.Length);
            _digests.Insert(0, (DescriptorName, stream.Digests()[manifest.ToString()]));
            text = string.Concat(_digests.Select(one => $"{manifest}({one.Name})= {one.Digest}\n"));
        }
        Finish(content, text is null ? null : Encoding.ASCII.GetBytes(text));
    }

    /// <summary>Opens the place of the next file, runs the work on it, and fills it up.</summary>
    protected abstract Task<PackageStream> OpenAsync(string name, IReadOnlyCollection<string> algorithms, Func<Stream, Task> write);

    /// <summary>The next file begins behind the last.</summary>
    protected abstract void Advance(long length);

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

using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>A package in a folder.</summary>
internal sealed class OvfWriter(string folder, string stem, ManifestAlgorithm manifest) : PackageWriter(stem, manifest), IDisposable
{
    private LocalOutputStream? _file;

    public override void Begin(int descriptorRoom)
    {
        // The descriptor has a file of its own.
    }

    protected override async Task<PackageStream> OpenAsync(string name, IReadOnlyCollection<string> algorithms, Func<Stream, Task> write)
    {
        _file?.Dispose();
        _file = Open(name);
        var stream = new PackageStream(_file, algorithms);
        try
        {
            await write(stream);
            await _file.FlushAsync();
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    protected override void Advance(long length)
    {
        _file?.Dispose();
        _file = null;
    }

    protected override void Finish(byte[] descriptor, byte[]? manifestText)
    {
        Put(DescriptorName, descriptor);
        if (manifestText is not null)
            Put(ManifestName, manifestText);
    }

    public void Dispose() => _file?.Dispose();

    private void Put(string name, byte[] content)
    {
        using var file = Open(name);
        file.Write(content, 0, content.Length);
        file.Flush();
    }

    private LocalOutputStream Open(string name)
    {
        var path = Path.Combine(folder, name);
        return LocalOutputStream.Open(path, FileMode.Create, path);
    }
}

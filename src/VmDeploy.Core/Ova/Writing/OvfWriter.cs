using VmDeploy.Export;
using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>A package in a folder.</summary>
internal sealed class OvfWriter(string folder, string stem, ManifestAlgorithm manifest) : PackageWriter(stem, manifest)
{
    public override bool CanWriteSideBySide => true;

    public override void Begin(int descriptorRoom)
    {
        // The descriptor has a file of its own.
    }

    protected override async Task<PackageStream> OpenAsync(string name, IReadOnlyCollection<string> algorithms, Func<Stream, Task> write)
    {
        using var file = Open(name);
        var stream = new PackageStream(file, algorithms);
        try
        {
            await write(stream);
            await file.FlushAsync();
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public override void Keep(PackageFile file)
    {
        // It has its own place.
    }

    protected override void Finish(byte[] descriptor, byte[]? manifestText)
    {
        Put(DescriptorName, descriptor);
        if (manifestText is not null)
            Put(ManifestName, manifestText);
    }

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

using System.IO.Compression;
using VmDeploy.Transfer;

namespace VmDeploy.Vmdk;

/// <summary>A raw disk that is sent as a stream-optimized VMDK; <paramref name="read"/> gets the bytes of the raw disk.</summary>
internal sealed class VmdkContent(Stream source, string name, long capacity, Action<int> read) : UploadContent(source, length: null, read)
{
    private protected override Task WriteAsync(Stream from, Stream to, Action<int> moved, CancellationToken cancellationToken) =>
        new StreamOptimizedWriter(to, name, capacity, CompressionLevel.Fastest).WriteAsync(from, moved, cancellationToken);
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDeploy.Vmdk;

/// <summary>
/// Writes a raw disk as a stream-optimized VMDK (Virtual Disk Format 5.0) in the layout of VMware's own products: format
/// version 3, each grain table after its grains, the directory and the footer at the end. Needs no seeking, compresses on all
/// cores, and holds a few MiB and four bytes for each 32 MiB of the disk. Grains of zeros are left out.
/// </summary>
/// <remarks>Creates a writer over the place of the file's first byte.</remarks>
/// <param name="target">Gets the file; not closed here.</param>
/// <param name="name">The file's name.</param>
/// <param name="capacity">Bytes of the disk; rounded up to whole sectors.</param>
/// <param name="compression">How hard grains are compressed.</param>
public sealed class StreamOptimizedWriter(Stream target, string name, long capacity, CompressionLevel compression)
{
    private const int Sector = VmdkHeader.SectorSize;
    private const int MarkerData = 12;
    private const int GrainBytes = GrainBlock.GrainBytes;
    private const int TableEntries = 512;
    private const long TableSpan = (long)TableEntries * GrainBytes;
    private const int TableSectors = TableEntries * 4 / Sector;

    private readonly long _sectors = (capacity + Sector - 1) / Sector;
    private readonly byte[] _table = new byte[TableEntries * 4];
    private byte[] _directory = [];
    private long _position;
    private bool _tableUsed;

    /// <summary>Sectors that a grain table can address; less in a test.</summary>
    internal long MostSectors { get; init; } = uint.MaxValue;

    /// <summary>Bytes written so far.</summary>
    public long Written => _position * Sector;

    /// <summary>Writes the whole file.</summary>
    /// <param name="raw">The disk from its first byte to its last; what follows is not read.</param>
    /// <param name="read">Gets the number of bytes of each block as it is read.</param>
    /// <param name="cancellationToken">Stops it; the file is then not complete.</param>
    /// <exception cref="EndOfStreamException">The source is shorter than the disk.</exception>
    /// <exception cref="VmDeployException"><c>VmdkTooLarge</c>: the compressed data is more than the format can hold.</exception>
    public async Task WriteAsync(Stream raw, Action<int>? read, CancellationToken cancellationToken)
    {
        _directory = new byte[RoundUp((int)((_sectors * Sector + TableSpan - 1) / TableSpan) * 4)];
        await WriteAsync(VmdkHeader.Create(_sectors, GrainBytes / Sector, TableEntries, VmdkHeader.DirectoryAtEnd), cancellationToken);
        await WriteAsync(VmdkDescriptor.Create(_sectors, name), cancellationToken);
        await WriteAsync(new byte[(VmdkHeader.Overhead - _position) * Sector], cancellationToken);
        await WriteGrainsAsync(raw, read, cancellationToken);
        await WriteTailAsync(cancellationToken);
    }

    private async Task WriteGrainsAsync(Stream raw, Action<int>? read, CancellationToken cancellationToken)
    {
        var work = new OrderedWork<GrainBlock>(() => new GrainBlock());
        try
        {
            for (long offset = 0; offset < capacity; offset += GrainBlock.Size)
            {
                if (work.IsFull)
                    await WriteNextAsync();
                var block = work.Take();
                await block.ReadAsync(raw, offset, (int)Math.Min(GrainBlock.Size, capacity - offset), cancellationToken);
                read?.Invoke(block.Length);
                work.Start(block, one => one.Compress(compression));
            }
            while (!work.IsEmpty)
                await WriteNextAsync();
        }
        finally
        {
            await work.DrainAsync();
        }

        async Task WriteNextAsync()
        {
            var block = await work.NextAsync();
            await WriteBlockAsync(block, cancellationToken);
            work.Return(block);
        }
    }

    // Blocks divide tables evenly, so a table ends with a block.
    private async Task WriteBlockAsync(GrainBlock block, CancellationToken cancellationToken)
    {
        foreach (var (grain, at) in block.Grains)
        {
            var entry = (int)((block.Offset / GrainBytes) + grain) % TableEntries;
            BinaryPrimitives.WriteUInt32LittleEndian(_table.AsSpan(entry * 4), AddressOf(_position + (at / Sector)));
            _tableUsed = true;
        }
        await WriteAsync(block.Packed, cancellationToken);
        var end = block.Offset + block.Length;
        if (_tableUsed && (end % TableSpan == 0 || end >= capacity))
            await WriteTableAsync((int)((end - 1) / TableSpan), cancellationToken);
    }

    private async Task WriteTableAsync(int index, CancellationToken cancellationToken)
    {
        await WriteMarkerAsync(VmdkMarker.GrainTable, TableSectors, cancellationToken);
        BinaryPrimitives.WriteUInt32LittleEndian(_directory.AsSpan(index * 4), AddressOf(_position));
        await WriteAsync(_table, cancellationToken);
        Array.Clear(_table, 0, _table.Length);
        _tableUsed = false;
    }

    private async Task WriteTailAsync(CancellationToken cancellationToken)
    {
        await WriteMarkerAsync(VmdkMarker.GrainDirectory, _directory.Length / Sector, cancellationToken);
        var directory = AddressOf(_position);
        await WriteAsync(_directory, cancellationToken);
        await WriteMarkerAsync(VmdkMarker.Footer, 1, cancellationToken);
        await WriteAsync(VmdkHeader.Create(_sectors, GrainBytes / Sector, TableEntries, directory), cancellationToken);
        await WriteMarkerAsync(VmdkMarker.EndOfStream, 0, cancellationToken);
    }

    private Task WriteMarkerAsync(VmdkMarker type, int sectors, CancellationToken cancellationToken)
    {
        var marker = new byte[Sector];
        BinaryPrimitives.WriteInt64LittleEndian(marker, sectors);
        BinaryPrimitives.WriteUInt32LittleEndian(marker.AsSpan(MarkerData), (uint)type);
        return WriteAsync(marker, cancellationToken);
    }

    private Task WriteAsync(byte[] bytes, CancellationToken cancellationToken) => WriteAsync(new ArraySegment<byte>(bytes), cancellationToken);

    private async Task WriteAsync(ArraySegment<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.Count == 0)
            return;
        await target.WriteAsync(bytes.Array, bytes.Offset, bytes.Count, cancellationToken);
        _position += bytes.Count / Sector;
    }

    private uint AddressOf(long sector) => sector <= MostSectors ? (uint)sector : throw new VmDeployException(ErrorCodes.VmdkTooLarge,
        $"'{name}' would be larger than {SizeText.Format((MostSectors + 1) * Sector)}, the most that a stream-optimized VMDK can hold.", name);

    private static int RoundUp(int bytes) => (bytes + Sector - 1) / Sector * Sector;
}

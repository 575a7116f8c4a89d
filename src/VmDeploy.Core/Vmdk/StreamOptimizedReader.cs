using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.Vmdk;

/// <summary>
/// Reads a stream-optimized VMDK from its first byte to its last and gives the blocks that hold data, in the order of
/// the disk (Virtual Disk Format 5.0, section "Stream-Optimized Compressed Sparse Extents"). Needs no seeking, inflates on all
/// cores, and holds a few grains for each. Checks everything: every grain's checksum, the order and, at the end, that the grain
/// tables list exactly the grains that were seen. <see cref="ReadAsync"/> returns false for a complete image and throws
/// otherwise.
/// </summary>
/// <remarks>Creates a reader over a stream at the file's first byte.</remarks>
/// <param name="source">The file; not closed here.</param>
/// <param name="name">Its name, for messages.</param>
public sealed class StreamOptimizedReader(Stream source, string name) : IBlockReader
{
    private const int MarkerData = 12;
    private const int MinBuffer = 256 * 1024;

    // Of grains that are inflated; they can have up to 4 MiB each.
    private const int MostBytes = 64 << 20;

    private byte[] _buffer = new byte[MinBuffer];
    private int _start;
    private int _end;
    private long _position;

    private VmdkHeader? _header;
    private GrainTables _tables = null!;
    private OrderedWork<PackedGrain> _grains = null!;
    private PackedGrain? _current;
    private VmDeployException? _failure;
    private long _lastGrain = -1;
    private bool _footerSeen;
    private bool _finished;

    /// <inheritdoc/>
    public long Offset { get; private set; }

    /// <inheritdoc/>
    public ArraySegment<byte> Data { get; private set; }

    private bool TablesAtEnd => _header!.GrainDirectorySector == VmdkHeader.DirectoryAtEnd;

    /// <summary>Reads the header, the embedded descriptor and grain tables before the data.</summary>
    /// <exception cref="VmDeployException"><c>VmdkNotStreamOptimized</c> or <c>VmdkDamaged</c>.</exception>
    public async Task<VmdkHeader> ReadHeaderAsync(CancellationToken cancellationToken)
    {
        if (_header is not null)
            return _header;
        await FillAsync(VmdkHeader.Size, cancellationToken);
        var header = VmdkHeader.TryParse(Buffered(Math.Min(VmdkHeader.Size, _end)), out var problem)
            ?? throw new VmDeployException(ErrorCodes.VmdkNotStreamOptimized, $"'{name}' {problem}.", name);
        if (!header.IsStreamOptimized)
            throw new VmDeployException(ErrorCodes.VmdkNotStreamOptimized, $"'{name}' is a sparse VMDK, but not a stream-optimized one.", name);
        Consume(VmdkHeader.Size);

        _header = header;
        _tables = new GrainTables(header);
        _grains = new OrderedWork<PackedGrain>(() => new PackedGrain(header.GrainBytes), Math.Max(1, MostBytes / PackedGrain.BytesFor(header.GrainBytes)));
        await ReadDescriptorAsync(header, cancellationToken);
        await ReadLeadingTablesAsync(header, cancellationToken);
        await SkipToAsync(header.OverheadBytes, cancellationToken);
        return header;
    }

    /// <summary>Reads to the next grain that is not all zeros.</summary>
    /// <returns>False once the image has been read to its end and found complete.</returns>
    /// <exception cref="VmDeployException"><c>VmdkDamaged</c>, naming the position.</exception>
    public async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        var header = await ReadHeaderAsync(cancellationToken);
        while (true)
        {
            await ReadAheadAsync(header, cancellationToken);
            if (_grains.IsEmpty)
                break;
            if (_current is not null)
                _grains.Return(_current);
            _current = await _grains.NextAsync();
            if (_current.Problem is { } problem)
                throw Damaged(_current.Position, problem.What, problem.Cause);
            if (!_current.HasData)
                continue;
            Offset = _current.Offset;
            Data = _current.Data;
            return true;
        }
        if (_failure is not null)
            throw _failure;
        await DrainAsync(cancellationToken);
        return false;
    }

    // What is found to be wrong ahead is told when the grains before it have been given.
    private async Task ReadAheadAsync(VmdkHeader header, CancellationToken cancellationToken)
    {
        try
        {
            while (!_finished && _failure is null && !_grains.IsFull)
                await ReadNextAsync(header, cancellationToken);
        }
        catch (VmDeployException e) when (e.Code == ErrorCodes.VmdkDamaged && !_grains.IsEmpty)
        {
            _failure = e;
        }
    }

    private async Task ReadNextAsync(VmdkHeader header, CancellationToken cancellationToken)
    {
        if (!await FillAsync(VmdkHeader.SectorSize, cancellationToken))
        {
            // Some writers of leading tables leave the end marker out.
            if (TablesAtEnd || _end != _start)
                throw Damaged("it ends without an end-of-stream marker");
            Finish();
            return;
        }
        var marker = Buffered(VmdkHeader.SectorSize);
        var value = BinaryPrimitives.ReadUInt64LittleEndian(marker);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(marker.Slice(8));
        var type = (VmdkMarker)BinaryPrimitives.ReadUInt32LittleEndian(marker.Slice(MarkerData));
        if (size == 0)
            await ReadMetadataAsync(type, value, cancellationToken);
        else
            await ReadGrainAsync(header, value, size, cancellationToken);
    }

    private async Task ReadDescriptorAsync(VmdkHeader header, CancellationToken cancellationToken)
    {
        const int maxLength = 1 << 20;
        if (header.DescriptorOffset == 0 || header.DescriptorBytes == 0)
            return;
        if (header.DescriptorBytes > maxLength)
            throw Damaged($"a descriptor of {header.DescriptorBytes} bytes is not valid");
        await SkipToAsync(header.DescriptorOffset, cancellationToken);
        var length = (int)header.DescriptorBytes;
        await NeedAsync(length, "its descriptor", cancellationToken);
        var parent = Regex.Match(Encoding.UTF8.GetString(_buffer, _start, length), @"^[ \t]*parentCID[ \t]*=[ \t]*([0-9a-f]+)", RegexOptions.Multiline | RegexOptions.IgnoreCase);
        if (parent.Success && !string.Equals(parent.Groups[1].Value, "ffffffff", StringComparison.OrdinalIgnoreCase))
        {
            throw new VmDeployException(ErrorCodes.VmdkNotStreamOptimized, $"'{name}' contains only the changes to a parent disk.", name,
                hint: ErrorHint.ExportWithoutSnapshots);
        }
        Consume(length);
    }

    private async Task ReadLeadingTablesAsync(VmdkHeader header, CancellationToken cancellationToken)
    {
        if (TablesAtEnd)
            return;
        if (header.GrainDirectorySector >= (ulong)(header.OverheadBytes / VmdkHeader.SectorSize))
            throw Damaged("its grain directory is after the first grain");
        await SkipToAsync((long)header.GrainDirectorySector * VmdkHeader.SectorSize, cancellationToken);
        await ReadDirectoryAsync(cancellationToken);
        foreach (var sector in _tables.ListedTables)
        {
            if ((sector + _tables.TableSectors) * VmdkHeader.SectorSize > header.OverheadBytes)
                throw Damaged("a grain table is after the first grain");
            await SkipToAsync((long)sector * VmdkHeader.SectorSize, cancellationToken);
            await ReadTableAsync(cancellationToken);
        }
    }

    private async Task ReadGrainAsync(VmdkHeader header, ulong lba, uint size, CancellationToken cancellationToken)
    {
        var sector = _position / VmdkHeader.SectorSize;
        var offset = (long)lba * VmdkHeader.SectorSize;
        if (lba >= (ulong)(header.CapacityBytes / VmdkHeader.SectorSize))
            throw Damaged($"a grain for sector {lba} is beyond the disk's end");
        if (offset % header.GrainBytes != 0)
            throw Damaged($"a grain for sector {lba} overlaps two grains");
        if (offset <= _lastGrain)
            throw Damaged($"a grain for sector {lba} comes after one for sector {_lastGrain / VmdkHeader.SectorSize}");
        if (size < 8 || size > header.GrainBytes * 2)
            throw Damaged($"the grain for sector {lba} has the length {size} bytes, which is not valid");

        var padded = (MarkerData + (int)size + VmdkHeader.SectorSize - 1) / VmdkHeader.SectorSize * VmdkHeader.SectorSize;
        var complete = await FillAsync(padded, cancellationToken);
        // Only the padding of the very last grain may be missing, where no marker has to follow.
        if (!complete && (TablesAtEnd || _end - _start < MarkerData + size))
            throw Damaged($"it ends within the grain for sector {lba}");

        var length = (int)Math.Min(header.GrainBytes, header.CapacityBytes - offset);
        var grain = _grains.Take();
        grain.Fill(_position, offset, lba, length, new ReadOnlySpan<byte>(_buffer, _start + MarkerData, (int)size));
        Consume(Math.Min(padded, _end - _start));
        _tables.AddGrain(offset / header.GrainBytes, sector);
        _lastGrain = offset;
        _grains.Start(grain, one => one.Inflate());
    }

    private async Task ReadMetadataAsync(VmdkMarker type, ulong sectors, CancellationToken cancellationToken)
    {
        Consume(VmdkHeader.SectorSize);
        switch (type)
        {
            case VmdkMarker.GrainTable when sectors == (ulong)_tables.TableSectors:
                await ReadTableAsync(cancellationToken);
                break;
            case VmdkMarker.GrainDirectory when sectors == (ulong)_tables.DirectorySectors:
                await ReadDirectoryAsync(cancellationToken);
                break;
            case VmdkMarker.Footer when sectors == 1:
                await NeedAsync(VmdkHeader.SectorSize, "its footer", cancellationToken);
                var footer = VmdkHeader.TryParse(Buffered(VmdkHeader.Size), out _);
                if (footer?.CapacityBytes != _header!.CapacityBytes || footer.GrainBytes != _header.GrainBytes)
                    throw Damaged("its header and its footer differ");
                Consume(VmdkHeader.SectorSize);
                _footerSeen = true;
                break;
            case VmdkMarker.EndOfStream when sectors == 0:
                Finish();
                break;
            default:
                throw Damaged($"a marker has the unknown type {(uint)type} ({sectors} sectors)");
        }
    }

    private async Task ReadTableAsync(CancellationToken cancellationToken)
    {
        var length = _tables.TableSectors * VmdkHeader.SectorSize;
        await NeedAsync(length, "a grain table", cancellationToken);
        _tables.AddTable(_position / VmdkHeader.SectorSize, Buffered(length));
        Consume(length);
    }

    private async Task ReadDirectoryAsync(CancellationToken cancellationToken)
    {
        var length = _tables.DirectorySectors * VmdkHeader.SectorSize;
        await NeedAsync(length, "its grain directory", cancellationToken);
        _tables.AddDirectory(Buffered(length));
        Consume(length);
    }

    private void Finish()
    {
        if (TablesAtEnd && !_footerSeen)
            throw Damaged("its footer is missing");
        if (!_tables.Match())
            throw Damaged("its grain tables don't match its grains");
        _finished = true;
    }

    // A digest of the file that is computed on the way needs all of it.
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(1, cancellationToken))
            Consume(_end - _start);
    }

    private async Task SkipToAsync(long position, CancellationToken cancellationToken)
    {
        var bytes = position - _position;
        if (bytes < 0)
            throw Damaged("its header, descriptor and tables overlap");
        while (bytes > 0)
        {
            if (!await FillAsync(1, cancellationToken))
                throw Damaged("it ends before the first grain");
            var step = (int)Math.Min(bytes, _end - _start);
            Consume(step);
            bytes -= step;
        }
    }

    private async Task NeedAsync(int count, string what, CancellationToken cancellationToken)
    {
        if (!await FillAsync(count, cancellationToken))
            throw Damaged($"it ends within {what}");
    }

    /// <summary>Has at least <paramref name="count"/> bytes ready; false if the file ends before.</summary>
    private async Task<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        if (_end - _start >= count)
            return true;
        if (count > _buffer.Length - _start)
        {
            var target = count > _buffer.Length ? new byte[count + MinBuffer] : _buffer;
            Buffer.BlockCopy(_buffer, _start, target, 0, _end - _start);
            _buffer = target;
            _end -= _start;
            _start = 0;
        }
        while (_end - _start < count)
        {
            var read = await source.ReadAsync(_buffer, _end, _buffer.Length - _end, cancellationToken);
            if (read == 0)
                return false;
            _end += read;
        }
        return true;
    }

    private ReadOnlySpan<byte> Buffered(int count) => new(_buffer, _start, count);

    private void Consume(int count)
    {
        _start += count;
        _position += count;
    }

    private VmDeployException Damaged(string what) => Damaged(_position, what, null);

    private VmDeployException Damaged(long position, string what, Exception? cause) =>
        new(ErrorCodes.VmdkDamaged, $"'{name}' is damaged near byte {position}: {what}.", name, cause);
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Reads what a guest would read of a disk: of any form of VMDK that the host keeps, through its parents.</summary>
internal sealed class DiskReader : IDisposable
{
    private const int Sector = 512;
    private const int CompressedGrains = 1 << 16;
    private const int ZlibHeader = 2;

    private readonly FileStream _file;
    private readonly DiskReader? _parent;
    private readonly int _grain;
    private readonly int _entriesPerTable;
    private readonly bool _isCompressed;
    private readonly uint[] _directory;
    private readonly byte[] _content;
    private uint[] _table = [];
    private long _tableIndex = -1;
    private long _contentIndex = -1;
    private bool _hasContent;

    private DiskReader(FileStream file, DiskReader? parent)
    {
        _file = file;
        _parent = parent;
        var header = Read(0, Sector);
        if (!header.AsSpan(0, 4).SequenceEqual(SparseVmdk.Magic))
            throw new InvalidDataException($"{file.Name} is not a sparse VMDK.");
        IsStream = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(56)) == -1;
        if (IsStream)
            header = Read(file.Length - 2 * Sector, Sector);
        Capacity = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(12)) * Sector;
        _grain = (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(20)) * Sector;
        _entriesPerTable = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(44));
        _isCompressed = (BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(8)) & CompressedGrains) != 0;
        var coverage = (long)_grain * _entriesPerTable;
        _directory = ReadNumbers(BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(56)) * Sector, (int)((Capacity + coverage - 1) / coverage));
        _content = new byte[_grain];
    }

    /// <summary>Virtual size in bytes.</summary>
    public long Capacity { get; }

    /// <summary>It is stored as a lease sends disks.</summary>
    public bool IsStream { get; }

    public static DiskReader Open(string path)
    {
        var parent = SparseVmdk.ParentOf(path) is { } above ? Open(above) : null;
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            return new(file, parent);
        }
        catch
        {
            file.Dispose();
            parent?.Dispose();
            throw;
        }
    }

    /// <summary>Reads a piece of the disk.</summary>
    public void Read(long offset, Span<byte> into)
    {
        while (into.Length > 0)
        {
            var within = (int)(offset % _grain);
            var part = Math.Min(into.Length, _grain - within);
            ReadGrain(offset, within, into[..part]);
            offset += part;
            into = into[part..];
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _parent?.Dispose();
    }

    private void ReadGrain(long offset, int within, Span<byte> into)
    {
        var index = offset / _grain;
        if (index != _contentIndex)
        {
            _contentIndex = index;
            _hasContent = Load(index);
        }
        if (_hasContent)
            _content.AsSpan(within, into.Length).CopyTo(into);
        else if (_parent is not null && offset < _parent.Capacity)
            _parent.Read(offset, into);
        else
            into.Clear();
    }

    private bool Load(long index)
    {
        if (index / _entriesPerTable != _tableIndex)
        {
            _tableIndex = index / _entriesPerTable;
            _table = _directory[_tableIndex] is var at and > 0 ? ReadNumbers((long)at * Sector, _entriesPerTable) : [];
        }
        var sector = _table.Length > 0 ? _table[index % _entriesPerTable] : 0;
        Array.Clear(_content);
        if (sector <= 1)
            return sector == 1;
        _file.Position = (long)sector * Sector;
        if (!_isCompressed)
        {
            _file.ReadAtLeast(_content, _grain, throwOnEndOfStream: false);
            return true;
        }
        var marker = new byte[12];
        _file.ReadExactly(marker);
        var packed = new byte[BinaryPrimitives.ReadInt32LittleEndian(marker.AsSpan(8))];
        _file.ReadExactly(packed);
        using var inflater = new DeflateStream(new MemoryStream(packed, ZlibHeader, packed.Length - ZlibHeader), CompressionMode.Decompress);
        inflater.ReadAtLeast(_content, _grain, throwOnEndOfStream: false);
        return true;
    }

    private byte[] Read(long position, int count)
    {
        var bytes = new byte[count];
        _file.Position = position;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private uint[] ReadNumbers(long position, int count)
    {
        var bytes = Read(position, count * 4);
        var numbers = new uint[count];
        for (var i = 0; i < count; i++)
            numbers[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
        return numbers;
    }
}

using System.Collections.Concurrent;

namespace VmDeploy.Simulator.Xapi;

/// <summary>
/// The bytes of the disks, one sparse file each. The list of written blocks is kept beside them, so that copies of large
/// empty disks are fast.
/// </summary>
internal sealed class VdiFiles(string folder)
{
    private const int BlockSize = 1 << 16;

    private readonly ConcurrentDictionary<string, Disk> _disks = new();

    public string PathOf(string uuid) => Path.Combine(folder, uuid + ".raw");

    public void Create(string uuid, long size)
    {
        using var file = new FileStream(PathOf(uuid), FileMode.CreateNew);
        file.SetLength(size);
        _disks[uuid] = new Disk();
    }

    public void Resize(string uuid, long size)
    {
        using var file = Open(uuid, FileAccess.Write);
        file.SetLength(size);
    }

    public void Write(string uuid, long offset, ReadOnlySpan<byte> data)
    {
        using var file = Open(uuid, FileAccess.Write);
        file.Position = offset;
        file.Write(data);
        var disk = _disks[uuid];
        lock (disk.Gate)
        {
            for (var block = offset / BlockSize; block <= (offset + data.Length - 1) / BlockSize; block++)
                disk.Blocks.Add(block);
        }
    }

    public void Copy(string from, string to)
    {
        var source = _disks[from];
        using var reader = Open(from, FileAccess.Read);
        using var writer = Open(to, FileAccess.Write);
        var buffer = new byte[BlockSize];
        lock (source.Gate)
        {
            foreach (var block in source.Blocks)
            {
                reader.Position = writer.Position = block * BlockSize;
                writer.Write(buffer, 0, reader.Read(buffer, 0, BlockSize));
                _disks[to].Blocks.Add(block);
            }
        }
    }

    /// <summary>Bytes that were written, in whole blocks.</summary>
    public long Used(string uuid) => _disks[uuid].Blocks.Count * (long)BlockSize;

    public void Delete(string uuid)
    {
        _disks.TryRemove(uuid, out _);
        File.Delete(PathOf(uuid));
    }

    private FileStream Open(string uuid, FileAccess access) => new(PathOf(uuid), FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete, 0);

    private sealed class Disk
    {
        public Lock Gate { get; } = new();

        public SortedSet<long> Blocks { get; } = [];
    }
}

namespace VmDeploy.Vmdk;

/// <summary>Gives the blocks of a disk that hold data, in the order of the disk.</summary>
public interface IBlockReader
{
    /// <summary>Where on the disk the last block belongs, in bytes.</summary>
    long Offset { get; }

    /// <summary>The last block's data; valid until the next read.</summary>
    ArraySegment<byte> Data { get; }

    /// <summary>Reads to the next block that is not all zeros; false at the end of the disk.</summary>
    Task<bool> ReadAsync(CancellationToken cancellationToken);
}

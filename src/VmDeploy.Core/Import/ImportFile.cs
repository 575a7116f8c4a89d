using VmDeploy.Export;
using VmDeploy.Ova;

namespace VmDeploy.Import;

/// <summary>A file that new VMs are made from; it can be read several times.</summary>
/// <param name="id">The id that disks refer to.</param>
/// <param name="href">Its name in the descriptor.</param>
internal abstract class ImportFile(string id, string href)
{
    public string Id { get; } = id;

    public string Href { get; } = href;

    /// <summary>What is read of it.</summary>
    public abstract ExportedForm Form { get; }

    /// <summary>Bytes that are read from where they are stored, or about so many.</summary>
    public abstract long StoredLength { get; }

    /// <summary>Bytes of the file; null if they are known only when it has been read.</summary>
    public abstract Task<long?> GetLengthAsync(CancellationToken cancellationToken);

    /// <summary>Bytes of the disk in it.</summary>
    public abstract Task<long> GetCapacityAsync(CancellationToken cancellationToken);

    /// <summary>Reads it once: hands it to <paramref name="consume"/>, and reads what that leaves, so that all of it has been checked.</summary>
    /// <returns>How the parts compare with the manifest.</returns>
    public abstract Task<IReadOnlyList<OvaFileResult>> ReadAsync(Func<ImportStream, Task> consume, CancellationToken cancellationToken);
}

/// <summary>The bytes of a file while they are read.</summary>
/// <param name="Bytes">From the first to the last.</param>
/// <param name="Length">How many they are; null if nobody knows.</param>
/// <param name="Position">How many bytes were read from where they are stored.</param>
internal sealed record ImportStream(Stream Bytes, long? Length, Func<long> Position);

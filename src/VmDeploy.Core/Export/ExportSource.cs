namespace VmDeploy.Export;

/// <summary>A VM whose disks can be read: everything is resolved, and nothing has been changed yet.</summary>
internal abstract class ExportSource
{
    /// <summary>About how many bytes will be read; 0 if nobody knows.</summary>
    public abstract long EstimatedBytes { get; }

    /// <summary>The host compresses its disks itself.</summary>
    public virtual bool IsCompressed => false;

    /// <summary>What of the VM matters on a hypervisor of another kind.</summary>
    public abstract ExportTraits Traits { get; }

    /// <summary>The OVF descriptor of the VM as it is now; changes nothing. Its disks need not have files.</summary>
    public abstract Task<string> RehearseAsync(CancellationToken cancellationToken);

    /// <summary>Opens the disks, of the VM or of a snapshot of it; what that holds on the host goes with the scope.</summary>
    private protected abstract Task<OpenExport> OpenAsync(VmSnapshot? snapshot, RollbackScope scope, CancellationToken cancellationToken);

    /// <summary>Opens the disks, and keeps them open while the work runs; what is left of a failure goes with the scope.</summary>
    /// <param name="snapshot">The snapshot to read; null for the VM itself.</param>
    /// <param name="scope">Closes them.</param>
    /// <param name="percent">How much has been done, for the host.</param>
    /// <param name="work">Gets a token that is also cancelled when the host has closed them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task UseAsync(VmSnapshot? snapshot, RollbackScope scope, Func<int> percent, Func<OpenExport, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var export = await OpenAsync(snapshot, scope, cancellationToken);
        await export.HoldAsync(percent, token => work(export, token), cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        await export.CompleteAsync();
    }
}

/// <summary>What an OVF does not say of a VM.</summary>
/// <param name="HasTpm">It has a virtual TPM, whose contents stay where they are.</param>
/// <param name="IsParavirtual">Its kernel runs on Xen only, without emulated hardware.</param>
internal sealed record ExportTraits(bool HasTpm, bool IsParavirtual);

/// <summary>The disks of a VM while they can be read, and what else belongs to it.</summary>
internal abstract class OpenExport
{
    /// <summary>The files, disks first, in the order of the VM.</summary>
    public abstract IReadOnlyList<ExportedFile> Files { get; }

    /// <summary>The most bytes that the descriptor will have.</summary>
    public abstract int DescriptorRoom { get; }

    /// <summary>Keeps the disks open while the work runs.</summary>
    /// <param name="percent">How much has been done, for the host.</param>
    /// <param name="work">Gets a token that is also cancelled when the host has closed them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public virtual Task HoldAsync(Func<int> percent, Func<CancellationToken, Task> work, CancellationToken cancellationToken) => work(cancellationToken);

    /// <summary>The OVF descriptor of a VM with these files.</summary>
    public abstract Task<string> DescribeAsync(IReadOnlyList<PackageFile> files, CancellationToken cancellationToken);

    /// <summary>The files as they would be in a package if nothing of their bytes were known.</summary>
    /// <param name="nameOf">Their names in it.</param>
    /// <param name="length">Their bytes; the least, because nobody knows.</param>
    public IReadOnlyList<PackageFile> Unwritten(Func<ExportedFile, string> nameOf, long length = 1) =>
        Files.Select(file => new PackageFile(file, nameOf(file), length, new Dictionary<string, string>()) { Capacity = file.Capacity }).ToList();

    /// <summary>Ends it well: everything has been read.</summary>
    public virtual Task CompleteAsync() => Task.CompletedTask;
}

/// <summary>The form of the bytes of a file.</summary>
internal enum ExportedForm
{
    /// <summary>A disk, from its first byte to its last.</summary>
    Raw,

    /// <summary>A disk as a stream-optimized VMDK.</summary>
    StreamOptimized,

    /// <summary>No disk.</summary>
    Other,
}

/// <summary>A file of a VM that can be read, as often as it is necessary.</summary>
/// <param name="Name">The end of its name in a package, for example <c>disk-0.vmdk</c>.</param>
/// <param name="Form">What is read.</param>
/// <param name="Capacity">Bytes of the disk, where they are known before it is read.</param>
internal abstract record ExportedFile(string Name, ExportedForm Form, long? Capacity)
{
    /// <summary>The algorithms of the digests that <see cref="VerifyAsync"/> may compare.</summary>
    public virtual IReadOnlyList<string> Digests => [];

    /// <summary>Reads the file once: hands a stream, and the number of its bytes if that is known, to <paramref name="consume"/>, and returns when it is sure that all of it was there.</summary>
    /// <exception cref="VmDeployException">It broke; a transient one may not happen again.</exception>
    public abstract Task ReadAsync(Func<Stream, long?, Task> consume, CancellationToken cancellationToken);

    /// <summary>Compares what was written of it with what the host says that it has sent.</summary>
    public virtual Task VerifyAsync(PackageFile written, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A file in a package.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Name">Its name in the package.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Digests">Its digests in lower-case hex, by the name of the algorithm.</param>
internal sealed record PackageFile(ExportedFile Source, string Name, long Length, IReadOnlyDictionary<string, string> Digests)
{
    /// <summary>Bytes of the disk in it.</summary>
    public long? Capacity { get; init; }
}

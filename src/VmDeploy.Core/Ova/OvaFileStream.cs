using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Ova;

/// <summary>
/// The bytes of one file as a host wants them: parts joined, gzip inflated. The digests of the stored bytes are computed
/// in the same pass. Forward only; not for use by two threads at a time. Buffers nothing, so read in large blocks.
/// A failure to read the source is a <see cref="VmDeployException"/>.
/// </summary>
public sealed class OvaFileStream : Stream
{
    /// <summary>The file.</summary>
    public OvaFile File => throw new NotImplementedException();

    /// <summary>Stored bytes read so far, for progress against <see cref="OvaFile.StoredLength"/>.</summary>
    public long StoredPosition => throw new NotImplementedException();

    /// <summary>Reads what is left (after the last byte that a host wants: nothing, or gzip's trailer) and returns the outcome of each part.</summary>
    public Task<IReadOnlyList<OvaFileResult>> CompleteAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>Not known without reading a gzip'ed file; see <see cref="OvaFile.Length"/>.</summary>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

namespace VmDeploy.Transfer;

/// <summary>Counts the bytes of one file in the meter of a transfer of several, so that only its own bytes are taken off when it starts over.</summary>
internal sealed class FileMeter(TransferMeter whole)
{
    private long _done;

    /// <summary>Bytes of this file.</summary>
    public long Done => Interlocked.Read(ref _done);

    public void Add(long bytes)
    {
        Interlocked.Add(ref _done, bytes);
        whole.Add(bytes);
    }

    /// <summary>The file is transferred again from its start.</summary>
    public void Restart() => Add(-Done);
}

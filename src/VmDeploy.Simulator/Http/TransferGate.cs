namespace VmDeploy.Simulator;

/// <summary>Counts the transfers of disks that are open at the same time, and holds them for a test.</summary>
public sealed class TransferGate
{
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private int _open;

    /// <summary>The most that were open at the same time, since a test set it.</summary>
    public int Most { get; set; }

    /// <summary>Gets the name of a disk whose transfer has begun; its bytes move when the task has ended.</summary>
    public Func<string, Task> Hold { get; set; } = _ => Task.CompletedTask;

    /// <summary>Ends when so many transfers are open at the same time.</summary>
    public Task WhenOpen(int count)
    {
        lock (_gate)
        {
            if (_open >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task;
        }
    }

    internal async Task<IDisposable> OpenAsync(string name, CancellationToken gone)
    {
        lock (_gate)
        {
            Most = Math.Max(Most, ++_open);
            foreach (var (_, reached) in _waiting.FindAll(one => one.Count <= _open))
                reached.TrySetResult();
        }
        var transfer = new Transfer(this);
        try
        {
            await Hold(name).WaitAsync(gone);
            return transfer;
        }
        catch
        {
            transfer.Dispose();
            throw;
        }
    }

    private sealed class Transfer(TransferGate gate) : IDisposable
    {
        public void Dispose()
        {
            lock (gate._gate)
                gate._open--;
        }
    }
}

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>Counts changes of the host and wakes the tasks that wait for one.</summary>
internal sealed class ChangeLog
{
    private TaskCompletionSource _next = New();
    private long _revision;

    /// <summary>Ends with the next change; take it before looking.</summary>
    public Task Pulse => Volatile.Read(ref _next).Task;

    /// <summary>Counts a change.</summary>
    public long Next()
    {
        var revision = Interlocked.Increment(ref _revision);
        Interlocked.Exchange(ref _next, New()).SetResult();
        return revision;
    }

    // Waiters continue on other threads, because changes are made under the host's lock.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using System.Diagnostics;

namespace VmDeploy.PowerShell;

/// <summary>
/// Runs the work for one record on the thread pool, and executes what it posts on the pipeline thread, the only one that may
/// use Write*. When the pipeline stops, the work is cancelled and awaited, but no longer than <see cref="StopLimit"/>.
/// </summary>
internal sealed class Dispatcher : IProgress<OperationProgress>
{
    /// <summary>How long after Ctrl+C (or Select-Object -First) the prompt returns at the latest.</summary>
    public static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private static readonly AsyncLocal<Dispatcher?> s_current = new();

    private readonly object _gate = new();
    private readonly Queue<Action<PSCmdlet>> _records = new();
    private readonly HashSet<IQuestion> _questions = [];
    private readonly ProgressBoard _progress = new();
    private Stopwatch? _sinceStop;
    private bool _isEmitting;
    private bool _isClosed;
    private bool _hasEnded;

    /// <summary>The dispatcher of the cmdlet on whose behalf the caller runs, or null (for example in a keep-alive).</summary>
    public static Dispatcher? Current => s_current.Value;

    /// <summary>Whether debug records are shown; otherwise their texts are not built.</summary>
    public bool WantsDebug { get; init; }

    /// <summary>Called on the pipeline thread if the work still runs when the prompt returns.</summary>
    public Action<Task>? StillRunning { get; init; }

    /// <summary>Posts an action to the pipeline thread; ignored if the pipeline has stopped.</summary>
    public void Post(Action<PSCmdlet> record)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _records.Enqueue(record);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Emits objects, and completes when the next command of the pipeline has processed them.</summary>
    public Task EmitAsync(IReadOnlyList<object> values) => AskAsync(cmdlet =>
    {
        _isEmitting = true;
        cmdlet.WriteObject(values, enumerateCollection: true);
        _isEmitting = false;
        return true;
    });

    /// <summary>Asks the pipeline thread a question. The task is cancelled if the pipeline stops before.</summary>
    public Task<T> AskAsync<T>(Func<PSCmdlet, T> question)
    {
        var pending = new Question<T>(question);
        lock (_gate)
        {
            if (_isClosed)
                pending.Cancel();
            else
                _questions.Add(pending);
        }

        Post(cmdlet =>
        {
            lock (_gate)
                _questions.Remove(pending);
            pending.Answer(cmdlet);
        });
        return pending.Task;
    }

    public void Report(OperationProgress value)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;
            _progress.Report(value);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Runs the work on the thread pool and executes what it posts on this thread; Ctrl+C cancels <paramref name="stopping"/>.
    /// Returns the work's failure, or null.
    /// </summary>
    public Exception? Run(PSCmdlet cmdlet, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        // Never disposed: the work may use it after the prompt has returned.
        var cancel = new CancellationTokenSource();
        using var stop = stopping.Register(() => Stop(cancel, isUrgent: true));
        var running = Task.Run(() => WorkAsync(work, cancel.Token), CancellationToken.None);
        try
        {
            while (Take() is { } record)
                record(cmdlet);
        }
        catch
        {
            // Output that is not read any more means Select-Object -First; after -ErrorAction Stop the script continues, and relies on
            // what is rolled back.
            Stop(cancel, isUrgent: _isEmitting);
            WaitForEnd(running);
            throw;
        }
        finally
        {
            CompleteBars(cmdlet);
        }

        return WaitForEnd(running);
    }

    private async Task WorkAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        s_current.Value = this;
        try
        {
            await work(cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _hasEnded = true;
                Close();
            }
        }
    }

    /// <summary>The next record; null at the end.</summary>
    private Action<PSCmdlet>? Take()
    {
        lock (_gate)
        {
            while (true)
            {
                if (_progress.TakeDue() is { } bar)
                    return cmdlet => cmdlet.WriteProgress(bar);
                if (_records.Count > 0)
                    return _records.Dequeue();
                if (_isClosed)
                    return null;
                Monitor.Wait(_gate, _progress.UntilDue);
            }
        }
    }

    private void Stop(CancellationTokenSource cancel, bool isUrgent)
    {
        lock (_gate)
        {
            if (isUrgent)
                _sinceStop ??= Stopwatch.StartNew();
            Close();
        }
        // Cancelling runs the registered callbacks; not on this thread, which must return.
        Task.Run(cancel.Cancel);
    }

    private void Close()
    {
        _isClosed = true;
        foreach (var question in _questions)
            question.Cancel();
        _questions.Clear();
        Monitor.PulseAll(_gate);
    }

    private Exception? WaitForEnd(Task running)
    {
        lock (_gate)
        {
            while (!_hasEnded && !(_sinceStop?.Elapsed >= StopLimit))
                Monitor.Wait(_gate, _sinceStop is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(100));
        }
        if (!_hasEnded)
        {
            StillRunning?.Invoke(running);
            return new OperationCanceledException();
        }
        Task.WaitAny(running);
        return running.IsCanceled ? new OperationCanceledException() : running.Exception?.InnerException;
    }

    private void CompleteBars(PSCmdlet cmdlet)
    {
        try
        {
            foreach (var bar in _progress.CompleteAll())
                cmdlet.WriteProgress(bar);
        }
        catch (PipelineStoppedException)
        {
            // PowerShell removes all bars when a pipeline is stopped.
        }
    }
}

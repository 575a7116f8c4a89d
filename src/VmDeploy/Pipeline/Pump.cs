using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.PowerShell;

/// <summary>
/// Carries work that runs on the pool to the pipeline thread, the only one that may use Write*.
/// Any thread posts; <see cref="Run"/> drains until the work is over.
/// </summary>
internal sealed class Pump : IProgress<OperationProgress>
{
    private static readonly AsyncLocal<Pump?> s_current = new();

    private readonly object _gate = new();
    private readonly Queue<Action<PSCmdlet>> _records = new();
    private readonly HashSet<IQuestion> _questions = [];
    private readonly ProgressBoard _progress = new();
    private bool _closed;

    /// <summary>The pump of the cmdlet that the calling code works for, or null (for example in a keep-alive).</summary>
    public static Pump? Current => s_current.Value;

    /// <summary>Whether debug records are wanted; texts that nobody reads are not built.</summary>
    public bool WantsDebug { get; init; }

    /// <summary>Hands something to the pipeline thread; ignored once the work is over.</summary>
    public void Post(Action<PSCmdlet> record)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _records.Enqueue(record);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Has the pipeline thread work something out, and waits for its answer.</summary>
    public Task<T> AskAsync<T>(Func<PSCmdlet, T> question)
    {
        var pending = new Question<T>(question);
        lock (_gate)
        {
            if (_closed)
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

    /// <inheritdoc/>
    public void Report(OperationProgress value)
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _progress.Report(value);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>
    /// Runs the work on the pool and writes what it posts, here. Returns its failure, or null.
    /// If writing stops (Ctrl+C, <c>Select-Object -First</c>, <c>-ErrorAction Stop</c>, a failure downstream),
    /// the work is cancelled and awaited, so that it can undo what is half made, before the exception goes on.
    /// </summary>
    public Exception? Run(PSCmdlet cmdlet, Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var running = Task.Run(() => WorkAsync(work, cancel.Token), CancellationToken.None);
        try
        {
            while (Take() is { } record)
                record(cmdlet);
        }
        catch
        {
            var cancelling = Task.Run(cancel.Cancel, CancellationToken.None);
            Close();
            Wait(cancelling);
            Wait(running);
            throw;
        }
        finally
        {
            CompleteBars(cmdlet);
        }

        return Wait(running);
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
            Close();
        }
    }

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
                if (_closed)
                    return null;
                Monitor.Wait(_gate, _progress.UntilDue);
            }
        }
    }

    private void Close()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var question in _questions)
                question.Cancel();
            _questions.Clear();
            Monitor.Pulse(_gate);
        }
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
            // The host takes all bars down when a pipeline is stopped.
        }
    }

    private static Exception? Wait(Task task)
    {
        Task.WaitAny(task);
        return task.IsCanceled ? new OperationCanceledException() : task.Exception?.InnerException;
    }
}

using System.Xml;

namespace VmDeploy.Xapi;

/// <summary>Runs long calls as tasks of the host. Every wait for a task is bounded.</summary>
internal sealed class XapiTasks(XapiClient client, XapiEvents events)
{
    // A task that can't be cancelled may take hours, but its record must change meanwhile.
    private static readonly TimeSpan s_longestSilence = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longestRelease = TimeSpan.FromSeconds(15);

    // How long a task may take to fail after its connection has broken.
    private static readonly TimeSpan s_failureDelay = TimeSpan.FromSeconds(10);

    private readonly TimeSpan _patience = client.Retries.TaskPatience;

    /// <summary>
    /// Runs a method (without <c>Async.</c>) as a task and returns its result: a reference, or an empty string.
    /// Cancellation cancels the task. If it succeeds nevertheless, its result is returned: what it created must be known to be removed.
    /// </summary>
    /// <exception cref="XapiFailure">The task failed.</exception>
    /// <exception cref="OperationCanceledException">The task was cancelled.</exception>
    /// <exception cref="VmDeployException"><c>TaskStillRunning</c> <see cref="RetryPolicies.TaskPatience"/> after a cancellation, or if a task that can't be cancelled shows no change for ten minutes.</exception>
    public async Task<string> RunAsync(string method, Action<int>? percent, CancellationToken cancellationToken, params object[] arguments)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: a task whose reference is lost continues, and what it creates is left behind.
        var task = await client.TextAsync($"Async.{method}", CancellationToken.None, arguments);
        var ended = await WaitAsync(method, task, percent, cancellationToken);
        // Only now: the clean-up must be able to find a task that still runs.
        await DestroyAsync(task);
        return Result(method, ended, cancellationToken);
    }

    public async Task<string> CreateAsync(string label, CancellationToken cancellationToken)
    {
        // Unique, so that the task can be found if the answer is lost.
        var description = Guid.NewGuid().ToString();
        try
        {
            return await client.TextAsync("task.create", cancellationToken, label, description);
        }
        catch (Exception e) when (e is VmDeployException and not XapiFailure or OperationCanceledException)
        {
            await DestroyLostAsync(description);
            throw;
        }
    }

    /// <summary>Waits until the task has ended, and throws if it failed; its record can remain unchanged for ten minutes by default.</summary>
    public async Task EndedAsync(string method, string task, CancellationToken cancellationToken, TimeSpan? longestSilence = null) =>
        Result(method, await EndAsync(method, task, longestSilence ?? s_longestSilence, null, cancellationToken), CancellationToken.None);

    /// <summary>Why the task has failed, if it has (or does within a moment).</summary>
    public async Task<XapiFailure?> FindFailureAsync(string method, string task)
    {
        using var limit = new CancellationTokenSource(s_failureDelay);
        try
        {
            await EndedAsync(method, task, limit.Token);
            return null;
        }
        catch (XapiFailure failure)
        {
            return failure;
        }
        catch (Exception e) when (e is OperationCanceledException or VmDeployException)
        {
            return null;
        }
    }

    /// <summary>Destroys a task. A lost call is repeated. If it still fails, the host removes the ended task later.</summary>
    public async Task DestroyAsync(string task)
    {
        using var limit = new CancellationTokenSource(s_longestRelease);
        try
        {
            await RepeatAsync("task.destroy", task, limit.Token);
        }
        catch (Exception e) when (e is VmDeployException or OperationCanceledException)
        {
            // Nothing depends on it.
        }
    }

    /// <summary>Waits for tasks of these methods that are still running: one of them may be ours, its reference lost.</summary>
    /// <exception cref="VmDeployException"><c>TaskStillRunning</c> after <see cref="RetryPolicies.TaskPatience"/>.</exception>
    public async Task LostOnesEndedAsync(string[] methods)
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            var running = (await client.AllAsync("task", limit.Token)).Values.Where(t => !IsEnded(t) && methods.Contains(t.Name));
            foreach (var task in running)
                await events.WaitAsync("task", task.Ref, IsEnded, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw StillRunning(string.Join(", ", methods), _patience);
        }
    }

    private async Task DestroyLostAsync(string description)
    {
        try
        {
            var lost = await FindAsync();
            if (lost.Count == 0)
            {
                // The request may reach the host only now.
                await client.Retries.BeforeSecondLook();
                lost = await FindAsync();
            }
            foreach (var task in lost)
                await DestroyAsync(task.Ref);
        }
        catch (VmDeployException)
        {
            // The host removes it later.
        }

        async Task<IReadOnlyList<XapiRecord>> FindAsync() =>
            (await client.AllAsync("task", CancellationToken.None)).Values.Where(task => task.Text("name_description") == description).ToList();
    }

    private async Task<XapiRecord> WaitAsync(string method, string task, Action<int>? percent, CancellationToken cancellationToken)
    {
        try
        {
            var longestSilence = cancellationToken.CanBeCanceled ? Timeout.InfiniteTimeSpan : s_longestSilence;
            return await EndAsync(method, task, longestSilence, percent, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(_patience);
            try
            {
                await CancelAsync(task, limit.Token);
                return await EndAsync(method, task, Timeout.InfiniteTimeSpan, percent, limit.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                throw StillRunning(method, _patience);
            }
        }
    }

    /// <summary>Asks the host to cancel a task; one that can't be cancelled is not an error.</summary>
    public async Task CancelAsync(string task, CancellationToken cancellationToken)
    {
        try
        {
            await RepeatAsync("task.cancel", task, cancellationToken);
        }
        catch (XapiFailure)
        {
            // Not every task can be cancelled, and this one may have ended.
        }
    }

    private async Task<XapiRecord> EndAsync(string method, string task, TimeSpan longestSilence, Action<int>? percent, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(longestSilence);
        try
        {
            return await events.WaitAsync("task", task, IsEndReported, limit.Token)
                ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The task of {method} has vanished before its end.", method);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw StillRunning(method, longestSilence);
        }

        bool IsEndReported(XapiRecord record)
        {
            percent?.Invoke((int)(record.Fraction("progress") * 100));
            if (IsEnded(record))
                return true;
            limit.CancelAfter(longestSilence);
            return false;
        }
    }

    private Task RepeatAsync(string method, string task, CancellationToken cancellationToken) => client.Retries.Call.RunAsync(
        _ => client.CallAsync(method, cancellationToken, task), e => e is VmDeployException { IsTransient: true }, cancellationToken);

    private static VmDeployException StillRunning(string method, TimeSpan waited) => new(ErrorCodes.TaskStillRunning,
        $"The host's task {method} has not ended within {waited.TotalSeconds:0} s; it may still run.", method);

    private static string Result(string method, XapiRecord task, CancellationToken cancellationToken)
    {
        switch (task.Text("status"))
        {
            case "success":
                return ReadResult(method, task.Text("result"));
            case "cancelled" when cancellationToken.IsCancellationRequested:
                throw new OperationCanceledException(cancellationToken);
            default:
                throw XapiFailure.Create(method, task.List("error_info") is { Count: > 0 } description ? description : ["TASK_CANCELLED"]);
        }
    }

    // <value>OpaqueRef:...</value>, or nothing.
    private static string ReadResult(string method, string xml)
    {
        if (xml.Length == 0)
            return "";
        try
        {
            return XmlRpc.ReadFragment(xml) as string ?? "";
        }
        catch (XmlException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The result of {method} can't be read: {e.Message}", method, e);
        }
    }

    private static bool IsEnded(XapiRecord task) => task.Text("status") is "success" or "failure" or "cancelled";
}

namespace VmDeploy.Vsphere;

/// <summary>Runs <c>*_Task</c> methods and waits for the end of the tasks.</summary>
internal sealed class VimTasks(SoapClient soap, PropertyWaiter waiter, PropertyReader properties, ServiceContent content)
{
    // For the time between reading the clocks and queueing a task.
    private static readonly TimeSpan s_clockTolerance = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _patience = soap.Retries.TaskPatience;

    /// <summary>Starts a task, waits for it and returns <c>TaskInfo.result</c>. Cancellation cancels the task on the host and waits for its end.</summary>
    /// <exception cref="VmDeployException"><c>TaskStillRunning</c> if a cancelled task has not ended after <see cref="RetryPolicies.TaskPatience"/>.</exception>
    public Task<XElement?> RunAsync(
        MoRef target, string method, string subject, CancellationToken cancellationToken, params XElement?[] arguments) =>
        RunAsync(target, method, subject, _ => { }, cancellationToken, arguments);

    /// <summary>As above, with progress (<c>TaskInfo.progress</c>, 0..100).</summary>
    public Task<XElement?> RunAsync(
        MoRef target, string method, string subject, Action<int> percent, CancellationToken cancellationToken, params XElement?[] arguments) =>
        RunAsync(target, method, subject, percent, null, cancellationToken, arguments);

    /// <summary>
    /// As above, for a task on a VM that waits while the host asks a question (<c>runtime.question</c>), which <paramref name="asked"/> gets;
    /// if it throws, the wait ends and the task continues.
    /// </summary>
    public Task RunAskingAsync(MoRef vm, string method, string subject, Action<XElement> asked, CancellationToken cancellationToken) =>
        RunAsync(vm, method, subject, _ => { }, asked, cancellationToken);

    private async Task<XElement?> RunAsync(MoRef target, string method, string subject, Action<int> percent, Action<XElement>? asked,
        CancellationToken cancellationToken, params XElement?[] arguments)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: a task whose reference is lost could not be cancelled on the host.
        var started = await soap.CallAsync(target, method, CancellationToken.None, arguments);
        var task = started.ReturnedRef();
        XElement? result = null;
        using var limit = new CancellationTokenSource();
        using var cancel = cancellationToken.Register(() =>
        {
            limit.CancelAfter(_patience);
            _ = CancelAsync(task);
        });
        var taskInfo = new Watched(task, "info.state", "info.error", "info.result", "info.progress");
        try
        {
            await waiter.WaitAsync(asked is null ? [taskInfo] : [taskInfo, new Watched(target, "runtime.question")], values =>
            {
                if (values.TryGetValue("info.progress", out var progress) && int.TryParse(progress.Value, out var done))
                    percent(done);
                var state = values.TryGetValue("info.state", out var s) ? s.Value : null;
                values.TryGetValue("info.result", out result);
                if (state is not ("error" or "success") && values.TryGetValue("runtime.question", out var question))
                    asked!(question);
                if (state != "error")
                    return state == "success";
                cancellationToken.ThrowIfCancellationRequested();
                throw values.TryGetValue("info.error", out var error)
                    ? VimFault.FromLocalized(error, subject)
                    : new VmDeployException(ErrorCodes.HostFault, $"{subject}: {method} failed without a reason.", subject);
            }, limit.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.TaskStillRunning,
                $"{subject}: {method} was cancelled, but its task has not ended within {_patience.TotalSeconds:0} s; it may still run.", subject);
        }
        return result;
    }

    /// <summary>Waits until no task works on an object; used after the answer of a call, and so the reference of its task, was lost.</summary>
    /// <exception cref="VmDeployException"><c>TaskStillRunning</c> after <see cref="RetryPolicies.TaskPatience"/>.</exception>
    public Task SettleAsync(MoRef entity, CancellationToken cancellationToken) =>
        SettleAsync(task => task.Reference("info.entity") == entity, cancellationToken);

    /// <summary>As above for a kind of task that belongs to no object: waits for those queued after <paramref name="since"/> (UTC, this machine's clock).</summary>
    public async Task SettleAsync(string descriptionId, DateTime since, CancellationToken cancellationToken)
    {
        var reply = await soap.CallAsync(SoapClient.ServiceInstance, "CurrentTime", cancellationToken);
        var hostSince = reply.Required("returnval").ToUtc() - (DateTime.UtcNow - since) - s_clockTolerance;
        await SettleAsync(task => task.Text("info.descriptionId") == descriptionId && !(task["info.queueTime"]?.ToUtc() < hostSince), cancellationToken);
    }

    private async Task SettleAsync(Func<ObjectContent, bool> concerns, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        var running = "";
        try
        {
            var manager = await properties.ReadAsync(content.TaskManager, limit.Token, "recentTask");
            var tasks = await properties.ReadAsync(manager.References("recentTask").ToList(), limit.Token,
                "info.entity", "info.descriptionId", "info.state", "info.queueTime");
            foreach (var task in tasks.Where(t => concerns(t) && !IsOver(t["info.state"])))
            {
                running = task.Text("info.descriptionId") ?? "";
                await waiter.WaitAsync(task.Object, ["info.state"],
                    values => values.TryGetValue("info.state", out var state) && IsOver(state), limit.Token);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.TaskStillRunning,
                $"The host's task {running} has not ended within {_patience.TotalSeconds:0} s; it may still run.", inner: e);
        }
    }

    private static bool IsOver(XElement? state) => state?.Value is "success" or "error";

    private async Task CancelAsync(MoRef task)
    {
        try
        {
            await soap.Retries.Call.RunAsync(_ => soap.CallAsync(task, "CancelTask", CancellationToken.None),
                e => e is VmDeployException { IsTransient: true }, CancellationToken.None);
        }
        catch (VmDeployException)
        {
            // Many tasks can't be cancelled; the wait for their end is bounded.
        }
    }
}

using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml;

namespace VmDeploy.Xapi;

/// <summary>Calls that take time, as tasks of the host.</summary>
internal sealed class XapiTasks
{
    private static readonly TimeSpan s_patienceAfterCancel = TimeSpan.FromMinutes(2);

    private readonly XapiClient _client;
    private readonly XapiEvents _events;

    public XapiTasks(XapiClient client, XapiEvents events)
    {
        _client = client;
        _events = events;
    }

    /// <summary>Runs a method as a task and waits for its end.</summary>
    /// <param name="method">The method without <c>Async.</c></param>
    /// <param name="percent">Told of progress, 0..100; or null.</param>
    /// <param name="cancellationToken">
    /// Cancels the task. If it ends well all the same, its result is returned: what was made must be known to be removed.
    /// </param>
    /// <param name="arguments">The arguments after the session.</param>
    /// <returns>The result: a reference, or the empty string of a void method.</returns>
    /// <exception cref="XapiFailure">The task failed.</exception>
    /// <exception cref="OperationCanceledException">The task was cancelled.</exception>
    public async Task<string> RunAsync(string method, Action<int>? percent, CancellationToken cancellationToken, params object[] arguments)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: a task whose reference is lost goes on, and what it makes is left behind.
        var task = await _client.TextAsync($"Async.{method}", CancellationToken.None, arguments);
        var ended = await WaitAsync(method, task, percent, cancellationToken);
        // Only now: a task that still runs must be found again by those who clean up.
        await DestroyAsync(task);
        return Result(method, ended, cancellationToken);
    }

    /// <summary>A task of our own, for the host to report an upload in.</summary>
    public async Task<string> CreateAsync(string label, CancellationToken cancellationToken)
    {
        // Its own, to find it by if the answer is lost.
        var description = Guid.NewGuid().ToString();
        try
        {
            return await _client.TextAsync("task.create", cancellationToken, label, description);
        }
        catch (Exception e) when (e is VmDeployException and not XapiFailure or OperationCanceledException)
        {
            await DestroyLostAsync(description);
            throw;
        }
    }

    /// <summary>Waits until the task has ended, and throws if it did not end well.</summary>
    public async Task EndedAsync(string method, string task, CancellationToken cancellationToken)
    {
        var record = await _events.WaitAsync("task", task, IsEnded, cancellationToken) ?? throw Gone(method);
        Result(method, record, CancellationToken.None);
    }

    /// <summary>Why the task has failed, if it has (or does within a moment).</summary>
    public async Task<XapiFailure?> FindFailureAsync(string method, string task, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
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

    /// <summary>Asks the host to forget a task; a refusal changes nothing for anybody.</summary>
    public async Task DestroyAsync(string task)
    {
        try
        {
            await _client.CallAsync("task.destroy", CancellationToken.None, task);
        }
        catch (VmDeployException)
        {
            // The host forgets it by itself.
        }
    }

    /// <summary>Waits for running tasks of these methods: one of them may be ours, its reference lost.</summary>
    /// <exception cref="VmDeployException"><c>HostBusy</c> if one is still running after two minutes.</exception>
    public async Task LostOnesEndedAsync(string[] methods)
    {
        using var limit = new CancellationTokenSource(s_patienceAfterCancel);
        try
        {
            var running = (await _client.AllAsync("task", limit.Token)).Values.Where(t => !IsEnded(t) && methods.Contains(t.Name));
            foreach (var task in running)
                await _events.WaitAsync("task", task.Ref, IsEnded, limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new VmDeployException(ErrorCodes.HostBusy, "A task that may be creating it is still running.", null, e);
        }
    }

    private async Task DestroyLostAsync(string description)
    {
        try
        {
            foreach (var task in (await _client.AllAsync("task", CancellationToken.None)).Values.Where(t => t.Text("name_description") == description))
                await DestroyAsync(task.Ref);
        }
        catch (VmDeployException)
        {
            // The host forgets it by itself.
        }
    }

    private async Task<XapiRecord> WaitAsync(string method, string task, Action<int>? percent, CancellationToken cancellationToken)
    {
        try
        {
            return await _events.WaitAsync("task", task, Report, cancellationToken) ?? throw Gone(method);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            using var limit = new CancellationTokenSource(s_patienceAfterCancel);
            await _client.CallAsync("task.cancel", limit.Token, task);
            return await _events.WaitAsync("task", task, IsEnded, limit.Token) ?? throw Gone(method);
        }

        bool Report(XapiRecord record)
        {
            percent?.Invoke((int)(record.Fraction("progress") * 100));
            return IsEnded(record);
        }
    }

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

    private static VmDeployException Gone(string method) =>
        new(ErrorCodes.UnexpectedReply, $"The task of {method} has vanished before its end.", method);
}

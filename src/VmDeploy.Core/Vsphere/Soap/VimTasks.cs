using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>Runs <c>*_Task</c> methods to their end.</summary>
internal sealed class VimTasks
{
    private static readonly TimeSpan s_longestSettling = TimeSpan.FromMinutes(2);

    private readonly SoapClient _soap;
    private readonly PropertyWaiter _waiter;
    private readonly PropertyReader _properties;
    private readonly ServiceContent _content;

    public VimTasks(SoapClient soap, PropertyWaiter waiter, PropertyReader properties, ServiceContent content)
    {
        _soap = soap;
        _waiter = waiter;
        _properties = properties;
        _content = content;
    }

    /// <summary>Starts a task, waits for it and returns its result (<c>TaskInfo.result</c>).</summary>
    /// <param name="target">The object.</param>
    /// <param name="method">A method that returns a Task.</param>
    /// <param name="subject">What the failure's message names.</param>
    /// <param name="cancellationToken">Cancels the task on the host too.</param>
    /// <param name="arguments">In schema order.</param>
    public Task<XElement?> RunAsync(
        MoRef target, string method, string subject, CancellationToken cancellationToken, params XElement?[] arguments) =>
        RunAsync(target, method, subject, _ => { }, cancellationToken, arguments);

    /// <summary>As above, telling how far the task is (<c>TaskInfo.progress</c>, 0..100).</summary>
    public Task<XElement?> RunAsync(
        MoRef target, string method, string subject, Action<int> percent, CancellationToken cancellationToken, params XElement?[] arguments) =>
        RunAsync(target, method, subject, percent, null, cancellationToken, arguments);

    /// <summary>As above, for a task on a VM that stands still while its host asks something.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="method">A method that returns a Task.</param>
    /// <param name="subject">What the failure's message names.</param>
    /// <param name="asked">Gets the <c>runtime.question</c>; what it throws ends the wait, and the task goes on.</param>
    /// <param name="cancellationToken">Cancels the task on the host too.</param>
    public Task RunAskingAsync(MoRef vm, string method, string subject, Action<XElement> asked, CancellationToken cancellationToken) =>
        RunAsync(vm, method, subject, _ => { }, asked, cancellationToken);

    private async Task<XElement?> RunAsync(MoRef target, string method, string subject, Action<int> percent, Action<XElement>? asked,
        CancellationToken cancellationToken, params XElement?[] arguments)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: a task whose reference is lost could not be cancelled on the host.
        var started = await _soap.CallAsync(target, method, CancellationToken.None, arguments);
        var task = started.Child("returnval")!.ToMoRef();
        XElement? result = null;
        using var cancel = cancellationToken.Register(() => _ = CancelAsync(task));
        var taskInfo = new Watched(task, "info.state", "info.error", "info.result", "info.progress");
        await _waiter.WaitAsync(asked is null ? [taskInfo] : [taskInfo, new Watched(target, "runtime.question")], values =>
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
        }, CancellationToken.None);
        return result;
    }

    /// <summary>Waits until no task works on an object, two minutes at most; for when a task's answer, and so its reference, is lost.</summary>
    public Task SettleAsync(MoRef entity, CancellationToken cancellationToken) =>
        SettleAsync(task => task.Reference("info.entity") == entity, cancellationToken);

    /// <summary>As above for a kind of task that belongs to no object.</summary>
    /// <param name="descriptionId">For example <c>VirtualDiskManager.copyVirtualDisk</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task SettleAsync(string descriptionId, CancellationToken cancellationToken) =>
        SettleAsync(task => task.Text("info.descriptionId") == descriptionId, cancellationToken);

    private async Task SettleAsync(Func<ObjectContent, bool> concerns, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_longestSettling);
        var manager = await _properties.ReadAsync(_content.TaskManager, cancellationToken, "recentTask");
        var tasks = await _properties.ReadAsync(
            manager.References("recentTask").ToList(), cancellationToken, "info.entity", "info.descriptionId", "info.state");
        try
        {
            foreach (var task in tasks.Where(t => concerns(t) && !IsOver(t["info.state"])))
            {
                await _waiter.WaitAsync(task.Object, ["info.state"],
                    values => values.TryGetValue("info.state", out var state) && IsOver(state), limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It may be anyone's; what it holds can't be removed then, and is named.
        }
    }

    private static bool IsOver(XElement? state) => state?.Value is "success" or "error";

    private async Task CancelAsync(MoRef task)
    {
        try
        {
            await _soap.CallAsync(task, "CancelTask", CancellationToken.None);
        }
        catch (VmDeployException)
        {
            // Many tasks can't be cancelled; then they are awaited to their end.
        }
    }
}

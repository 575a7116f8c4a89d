using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Inventory;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Tasks;

/// <summary>Work that continues after its call was answered.</summary>
[VimName("Task")]
internal sealed class VimTask : ManagedObject
{
    private readonly ManagedEntity? _entity;
    private readonly string _method;
    private readonly string _description;
    private readonly DateTime _queued = DateTime.UtcNow;
    private readonly string _user;
    private readonly CancellationTokenSource _cancel;
    private string _state = "queued";
    private DateTime? _completed;
    private int? _progress;
    private object? _result;
    private DataObject? _error;

    private VimTask(EsxiHost host, string id, ManagedEntity? entity, string method, string description, string user)
        : base(host, id)
    {
        _method = method;
        _entity = entity;
        _description = description;
        _user = user;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(host.Stopping);
    }

    public bool IsDone => _completed is not null;

    [VimProperty("TaskInfo")]
    public DataObject Info => new("TaskInfo")
    {
        ["key"] = Self.Value,
        ["task"] = Self,
        ["name"] = _method,
        ["descriptionId"] = _description,
        ["entity"] = _entity?.Self,
        ["entityName"] = _entity?.Name,
        ["state"] = _state,
        ["cancelled"] = _cancel.IsCancellationRequested,
        ["cancelable"] = !IsDone,
        ["error"] = _error,
        ["result"] = _result,
        ["progress"] = IsDone ? null : _progress,
        ["reason"] = new DataObject("TaskReasonUser") { ["userName"] = _user },
        ["queueTime"] = _queued,
        ["startTime"] = _queued,
        ["completeTime"] = _completed,
        ["eventChainId"] = 1,
    };

    /// <summary>
    /// Starts work for a call and returns the task's reference. An exception of the work becomes the task's error;
    /// a fault that was ordered for the method occurs before the work begins.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="call">The call.</param>
    /// <param name="entity">The object of the task, if that is an entity.</param>
    /// <param name="description">For example <c>VirtualMachine.powerOn</c>.</param>
    /// <param name="work">The work, outside the host's lock; its result becomes the task's.</param>
    /// <param name="finished">Called at its end, under the host's lock.</param>
    public static Mor Start(
        EsxiHost host, VimCall call, ManagedEntity? entity, string description, Func<VimTask, Task<object?>> work, Action? finished = null)
    {
        var id = host.IsVCenter ? $"task-{host.NextNumber()}" : $"haTask-{entity?.Self.Value}-vim.{description}-{host.NextNumber()}";
        var task = host.Add(new VimTask(host, id, entity, call.Method, description, call.Session.UserName));
        host.The<TaskManager>().Remember(task);
        _ = Task.Run(() => task.RunAsync(work, finished));
        return task.Self;
    }

    [VimMethod]
    public void CancelTask(VimCall call)
    {
        if (IsDone)
            throw VimFault.Of("InvalidState");
        _cancel.Cancel();
    }

    /// <summary>Cancelled when the client cancels the task or the host stops.</summary>
    public CancellationToken Cancelled => _cancel.Token;

    /// <summary>Reports the progress of the work.</summary>
    public void Report(int percent)
    {
        lock (Esx.Gate)
        {
            if (percent == _progress)
                return;
            _progress = percent;
            Changed();
        }
    }

    private async Task RunAsync(Func<VimTask, Task<object?>> work, Action? finished)
    {
        lock (Esx.Gate)
        {
            _state = "running";
            Changed();
        }
        object? result = null;
        DataObject? error = null;
        try
        {
            if (Esx.Faults.TakeTaskFault(_method) is { } order)
                throw VimFault.Of(order.Fault, order.Message);
            result = await work(this);
        }
        catch (VimFault fault)
        {
            error = fault.ToLocalized();
        }
        catch (OperationCanceledException)
        {
            error = VimFault.Of("RequestCanceled").ToLocalized();
        }
        catch (Exception e)
        {
            // A bug of the simulator must end the task too; otherwise its client waits for ever.
            error = VimFault.Of("SystemError", $"A general system error occurred: {e}", ("reason", e.Message)).ToLocalized();
        }
        lock (Esx.Gate)
        {
            finished?.Invoke();
            _result = result;
            _error = error;
            _state = error is null ? "success" : "error";
            _completed = DateTime.UtcNow;
            Changed();
        }
    }
}

namespace VmDeploy.Simulator.Xapi;

/// <summary>Tasks: created by Async calls, or by a client for an upload.</summary>
internal static class TaskCalls
{
    public static void Register(XapiHost host)
    {
        var database = host.Database;
        host.On("task.create", call => Create(host, call.Session, call.Text(0), call.Text(1)).Ref);
        host.On("task.destroy", call => database.Destroy(call.Object(0)));
        // Only a request: the task checks for it at some points, and an upload that waits for data never does.
        host.On("task.cancel", call => database.Set(call.Object(0), "current_operations",
            new Dictionary<string, object> { [Guid.NewGuid().ToString()] = "cancel" }));
    }

    public static XapiObject Create(XapiHost host, XapiObject? session, string label, string description) => host.Database.Create("task",
        ("name_label", label), ("name_description", description), ("status", "pending"), ("session", session?.Ref ?? XapiType.NullRef),
        ("created", DateTime.UtcNow), ("resident_on", host.World.Host.Ref), ("allowed_operations", (List<object>)["cancel", "destroy"]));

    public static bool IsCancelled(XapiObject task) => task.Map("current_operations").Count > 0;

    /// <summary>Starts a task and returns its reference at once.</summary>
    public static string Start(XapiHost host, XapiObject session, string label, Func<CancellationToken, Task<object?>> work)
    {
        var task = Create(host, session, label, "");
        _ = Task.Run(async () =>
        {
            try
            {
                await Task.Delay(host.Options.TaskTime, host.Stopped);
                bool cancelled;
                lock (host.Database.Gate)
                    cancelled = IsCancelled(task);
                if (cancelled)
                    throw new XapiFailure("TASK_CANCELLED", task.Ref);
                Finish(host, task, await work(host.Stopped), null);
            }
            catch (XapiFailure failure)
            {
                Finish(host, task, null, failure);
            }
            catch (OperationCanceledException)
            {
            }
        }, CancellationToken.None);
        return task.Ref;
    }

    public static void Finish(XapiHost host, XapiObject task, object? result, XapiFailure? failure)
    {
        lock (host.Database.Gate)
        {
            if (task.IsGone)
                return;
            task.Fields["finished"] = DateTime.UtcNow;
            task.Fields["progress"] = 1.0;
            task.Fields["error_info"] = failure is null ? new List<object>() : failure.Description.Cast<object>().ToList();
            task.Fields["result"] = failure is not null || result is null or "" ? "" : XmlRpc.WriteResult(result);
            host.Database.Set(task, "status", failure is null ? "success" : failure.Code == "TASK_CANCELLED" ? "cancelled" : "failure");
        }
    }
}

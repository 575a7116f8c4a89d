using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Tasks;

/// <summary>Knows the recent tasks.</summary>
[VimUnset("description", "TaskDescription")]
[VimUnset("maxCollector", "int")]
internal sealed class TaskManager(EsxiHost host, string id) : ManagedObject(host, id)
{
    private const int Kept = 500;

    private readonly Queue<VimTask> _tasks = new();

    [VimProperty("ManagedObjectReference*")]
    public IEnumerable<Mor> RecentTask => [.. _tasks.TakeLast(20).Select(t => t.Self)];

    /// <summary>Adds a new task and removes old ones that have ended.</summary>
    public void Remember(VimTask task)
    {
        _tasks.Enqueue(task);
        while (_tasks.Count > Kept && _tasks.Peek().IsDone)
            Esx.Remove(_tasks.Dequeue());
        Changed();
    }
}

namespace VmDeploy.Vmdk;

/// <summary>
/// Runs work on all cores and gives its results in the order in which it was added. The items are reused: as many as it holds
/// bound the memory.
/// </summary>
/// <typeparam name="T">What an item of work needs: its buffers.</typeparam>
/// <param name="create">Makes an item.</param>
/// <param name="most">The most items, if their memory bounds it.</param>
internal sealed class OrderedWork<T>(Func<T> create, int most = int.MaxValue)
    where T : class
{
    // Enough that no core waits for the one that reads and writes; more would only use memory.
    private const int MostItems = 32;

    private readonly Queue<(T Item, Task Work)> _running = new();
    private readonly Stack<T> _free = new();

    private readonly int _depth = Math.Min(most, Math.Min(MostItems, (2 * Environment.ProcessorCount) + 1));

    /// <summary>As many items are at work as are allowed.</summary>
    public bool IsFull => _running.Count >= _depth;

    public bool IsEmpty => _running.Count == 0;

    /// <summary>An item that is not at work.</summary>
    public T Take() => _free.Count > 0 ? _free.Pop() : create();

    /// <summary>Returns an unused item, for the next <see cref="Take"/>.</summary>
    public void Return(T item) => _free.Push(item);

    /// <summary>Starts work on an item, in the order of the calls: the oldest result is the one that is waited for.</summary>
    public void Start(T item, Action<T> work) => _running.Enqueue((item, Task.Factory.StartNew(
        () => work(item), CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.PreferFairness, TaskScheduler.Default)));

    /// <summary>The oldest item, as soon as its work is done; throws what the work has thrown.</summary>
    public async Task<T> NextAsync()
    {
        var (item, work) = _running.Dequeue();
        await work;
        return item;
    }

    /// <summary>Waits until nothing is at work; what it would have given is discarded.</summary>
    public async Task DrainAsync()
    {
        while (_running.Count > 0)
        {
            var (item, work) = _running.Dequeue();
            await work.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            _free.Push(item);
        }
    }
}

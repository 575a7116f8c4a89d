namespace VmDeploy;

/// <summary>
/// Tracks what an operation creates on a host (a VM, a disk, a file, a folder, a snapshot, a VLAN) and removes it again, newest
/// first, if the operation fails or is cancelled. Until then the session lists it as unfinished.
/// </summary>
/// <remarks>For an operation that commits or rolls back by itself; others use <see cref="RunAsync"/>.</remarks>
/// <param name="session">The session that the operation works on.</param>
/// <param name="subject">What the operation creates or changes, for messages.</param>
internal sealed class RollbackScope(VmSession session, string subject)
{
    private readonly object _gate = new();
    private readonly List<Item> _items = [];

    /// <summary>Runs an operation; what it has added to the scope is removed again if it throws.</summary>
    /// <exception cref="VmDeployException">The operation's own failure; its message also names what could not be rolled back.</exception>
    public static async Task<T> RunAsync<T>(VmSession session, string subject, Func<RollbackScope, Task<T>> work)
    {
        var scope = new RollbackScope(session, subject);
        try
        {
            var result = await work(scope);
            scope.Commit();
            return result;
        }
        catch (Exception failure)
        {
            var left = await scope.RollBackAsync(failure);
            if (left.Count == 0 || failure is not VmDeployException known)
                throw;
            throw known.WithLeftovers(left);
        }
    }

    /// <summary>
    /// Adds something before the call that creates it, so that it is removed even if the reply to that call is lost.
    /// <paramref name="remove"/> succeeds if the thing does not exist (any more), and can be repeated after any failure.
    /// </summary>
    public Item Add(string what, Func<CancellationToken, Task> remove)
    {
        var item = new Item(what, remove);
        lock (_gate)
            _items.Add(item);
        session.Unfinished.Add(item, $"{what} ({subject})");
        return item;
    }

    /// <summary>Commits one item: it is not rolled back.</summary>
    public void Keep(Item item)
    {
        lock (_gate)
            _items.Remove(item);
        session.Unfinished.Remove(item);
    }

    /// <summary>Commits everything: nothing is rolled back.</summary>
    public void Commit()
    {
        foreach (var item in TakeItems())
            session.Unfinished.Remove(item);
    }

    /// <summary>
    /// Removes everything, twice after a call without a reply, because the host may have executed the request later.
    /// The cause is null if the removal is itself the operation. Returns what could not be removed.
    /// </summary>
    public async Task<IReadOnlyList<string>> RollBackAsync(Exception? cause)
    {
        var items = TakeItems();
        var left = await RemoveAsync(items);
        if (items.Count > 0 && cause is VmDeployException { IsUnanswered: true })
        {
            await session.Retries.BeforeSecondLook();
            left = await RemoveAsync(items);
        }
        foreach (var item in items)
            session.Unfinished.Remove(item);
        if (cause is not null && items.Count > 0 && left.Count == 0)
            session.Log.RolledBack(subject);
        return left;
    }

    // Newest first.
    private List<Item> TakeItems()
    {
        lock (_gate)
        {
            var items = Enumerable.Reverse(_items).ToList();
            _items.Clear();
            return items;
        }
    }

    private async Task<IReadOnlyList<string>> RemoveAsync(IReadOnlyList<Item> items)
    {
        var left = new List<string>();
        var policy = session.Retries.Cleanup;
        foreach (var item in items)
        {
            try
            {
                await policy.RunAsync(_ => item.Remove(CancellationToken.None), IsPassing, CancellationToken.None);
            }
            catch (Exception e) when (e is VmDeployException or OperationCanceledException)
            {
                session.Log.RollbackFailed(subject, item.What, e.Message);
                left.Add($"{item.What} ({e.Message})");
                // A host that was unreachable for all attempts gets one attempt for each of the other items.
                if (IsPassing(e))
                    policy = policy with { Attempts = 1 };
            }
        }
        return left;
    }

    /// <summary>Whether the same call may succeed when it is tried again.</summary>
    internal static bool IsPassing(Exception e) =>
        e is VmDeployException { IsTransient: true } or VmDeployException { IsUnanswered: true } or OperationCanceledException;

    /// <summary>Whether nobody knows what the host has done of a call.</summary>
    internal static bool IsLost(Exception e) => e is VmDeployException { IsUnanswered: true };

    internal sealed class Item(string what, Func<CancellationToken, Task> remove)
    {
        /// <summary>The object, for messages; can be set more precisely once it is created.</summary>
        public string What { get; set; } = what;

        public Func<CancellationToken, Task> Remove { get; } = remove;
    }
}

using System.Runtime.ExceptionServices;

namespace VmDeploy;

/// <summary>How many disks and other files of VMs are transferred at the same time, over all VMs of a command.</summary>
/// <param name="count">The number, at least 1.</param>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is not used holds nothing.")]
public sealed class TransferLimit(int count)
{
    private readonly SemaphoreSlim _slots = new(Math.Max(1, count));

    /// <summary>Transfers the files of one VM, each as soon as the limit allows. The first failure stops the others, and is thrown when all have ended.</summary>
    /// <param name="files">The files; transfers begin in this order.</param>
    /// <param name="sideBySide">False for one after the other.</param>
    /// <param name="transfer">Transfers one; gets a token that is also cancelled by the failure of another.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The results in the order of the files.</returns>
    internal async Task<IReadOnlyList<TResult>> RunAsync<TFile, TResult>(
        IReadOnlyList<TFile> files, bool sideBySide, Func<TFile, CancellationToken, Task<TResult>> transfer, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var turns = new SemaphoreSlim(sideBySide ? files.Count : 1);
        var results = new TResult[files.Count];
        ExceptionDispatchInfo? first = null;
        await Task.WhenAll(files.Select(async (file, i) =>
        {
            try
            {
                results[i] = await InTurnAsync(turns, () => InTurnAsync(_slots, () => transfer(file, stop.Token), stop.Token), stop.Token);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(e), null);
                stop.Cancel();
            }
        }));
        first?.Throw();
        return results;
    }

    /// <inheritdoc cref="RunAsync{TFile, TResult}"/>
    internal Task RunAsync<TFile>(IReadOnlyList<TFile> files, bool sideBySide, Func<TFile, CancellationToken, Task> transfer, CancellationToken cancellationToken) =>
        RunAsync(files, sideBySide, async (file, token) =>
        {
            await transfer(file, token);
            return true;
        }, cancellationToken);

    private static async Task<T> InTurnAsync<T>(SemaphoreSlim slots, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        await slots.WaitAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            slots.Release();
        }
    }
}

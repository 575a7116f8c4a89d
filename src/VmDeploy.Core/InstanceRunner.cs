using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>Makes several VMs, a few at a time. One that fails does not stop the others.</summary>
internal static class InstanceRunner
{
    /// <summary>Runs <paramref name="make"/> for each name; returns when every one has ended, also after a cancellation.</summary>
    /// <param name="names">The names.</param>
    /// <param name="throttleLimit">How many at a time.</param>
    /// <param name="make">Makes one; its second argument is the name's number, from 1.</param>
    /// <param name="done">Called for each VM, one call at a time.</param>
    /// <param name="failed">Called for each failure, one call at a time.</param>
    /// <param name="cancellationToken">Handed to <paramref name="make"/> by its owner; here it only ends the queue.</param>
    public static async Task RunAsync(
        IReadOnlyList<string> names,
        int throttleLimit,
        Func<string, int, Task<Vm>> make,
        Action<Vm> done,
        Action<string, VmDeployException> failed,
        CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, throttleLimit));
        object gate = new();
        await Task.WhenAll(names.Select((name, index) => RunOneAsync(name, index + 1)));
        cancellationToken.ThrowIfCancellationRequested();

        async Task RunOneAsync(string name, int number)
        {
            await slots.WaitAsync(CancellationToken.None);
            try
            {
                if (cancellationToken.IsCancellationRequested)
                    return;
                Vm vm = await make(name, number);
                lock (gate)
                    done(vm);
            }
            catch (VmDeployException e)
            {
                lock (gate)
                    failed(name, e);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Said once, when all have ended.
            }
            finally
            {
                slots.Release();
            }
        }
    }
}

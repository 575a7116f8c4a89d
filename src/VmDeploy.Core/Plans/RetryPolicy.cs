using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>How often, and after which pauses, something that failed for a passing reason is tried again.</summary>
/// <param name="Attempts">Attempts in all, the first included; at least 1.</param>
/// <param name="FirstPause">Pause before the second attempt; each later one is twice as long as the one before it.</param>
/// <param name="LongestPause">No pause is longer.</param>
internal sealed record RetryPolicy(int Attempts, TimeSpan FirstPause, TimeSpan LongestPause)
{
    /// <summary>For calls and uploads: the connection may hold the next time.</summary>
    public static RetryPolicy Call { get; } = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    /// <summary>For cleaning up, which has to survive a host that restarts its services: about two minutes in all.</summary>
    public static RetryPolicy Cleanup { get; } = new(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>Runs the work until it succeeds, fails for a lasting reason, or the attempts are used up; throws the last failure.</summary>
    /// <param name="work">The work; gets the number of the attempt, from 1.</param>
    /// <param name="isPassing">Whether a failure may pass.</param>
    /// <param name="cancellationToken">Ends the pauses.</param>
    public async Task<T> RunAsync<T>(Func<int, Task<T>> work, Func<Exception, bool> isPassing, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work(attempt);
            }
            catch (Exception e) when (attempt < Attempts && !cancellationToken.IsCancellationRequested && isPassing(e))
            {
                await Task.Delay(pause, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    /// <summary>As above, for work without a result.</summary>
    public Task RunAsync(Func<int, Task> work, Func<Exception, bool> isPassing, CancellationToken cancellationToken) =>
        RunAsync(async attempt =>
        {
            await work(attempt);
            return true;
        }, isPassing, cancellationToken);
}

/// <summary>The retry policies of a session.</summary>
/// <param name="Call">For calls that are safe to repeat, and for uploads.</param>
/// <param name="Cleanup">For rollback.</param>
internal sealed record RetryPolicies(RetryPolicy Call, RetryPolicy Cleanup)
{
    /// <summary>How long after a lost answer the host is asked again what the request has made.</summary>
    public TimeSpan SecondLook { get; init; } = TimeSpan.FromSeconds(5);
}

namespace VmDeploy;

/// <summary>How often, and after which pauses, an operation with a transient failure is retried.</summary>
/// <param name="Attempts">Total number of attempts, including the first; at least 1.</param>
/// <param name="FirstPause">Pause before the second attempt; each later pause is twice as long.</param>
/// <param name="LongestPause">The longest pause.</param>
internal sealed record RetryPolicy(int Attempts, TimeSpan FirstPause, TimeSpan LongestPause)
{
    /// <summary>For calls and uploads.</summary>
    public static RetryPolicy Call { get; } = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    /// <summary>For rollback, which must survive a restart of the host's services: about two minutes in total.</summary>
    public static RetryPolicy Cleanup { get; } = new(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>Runs the work until it succeeds, fails permanently, or the attempts are used up; throws the last failure.</summary>
    /// <param name="work">The work; receives the number of the attempt, from 1.</param>
    /// <param name="isTransient">Whether a failure is transient.</param>
    /// <param name="cancellationToken">Ends the pauses.</param>
    public async Task<T> RunAsync<T>(Func<int, Task<T>> work, Func<Exception, bool> isTransient, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work(attempt);
            }
            catch (Exception e) when (attempt < Attempts && !cancellationToken.IsCancellationRequested && isTransient(e))
            {
                await Task.Delay(pause, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    /// <summary>The same for work without a result.</summary>
    public Task RunAsync(Func<int, Task> work, Func<Exception, bool> isTransient, CancellationToken cancellationToken) =>
        RunAsync(async attempt =>
        {
            await work(attempt);
            return true;
        }, isTransient, cancellationToken);
}

/// <summary>The retry policies of a session.</summary>
/// <param name="Call">For calls that are safe to repeat, and for uploads.</param>
/// <param name="Cleanup">For rollback.</param>
internal sealed record RetryPolicies(RetryPolicy Call, RetryPolicy Cleanup)
{
    /// <summary>How long after a lost reply the host is asked again what the request has created.</summary>
    public TimeSpan SecondLook { get; init; } = TimeSpan.FromSeconds(5);
}

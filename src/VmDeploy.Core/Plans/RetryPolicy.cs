using Microsoft.Extensions.Logging;

namespace VmDeploy;

/// <summary>How often a transient failure is retried, the first attempt included; each pause is twice as long as the one before, up to the longest.</summary>
internal sealed record RetryPolicy(int Attempts, TimeSpan FirstPause, TimeSpan LongestPause)
{
    /// <summary>For calls and uploads.</summary>
    public static RetryPolicy Call { get; } = new(3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

    /// <summary>For rollback, which must survive a restart of the host's services: about two minutes in total.</summary>
    public static RetryPolicy Cleanup { get; } = new(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>Runs the work until it succeeds, fails permanently, or the attempts are used up; it gets the number of the attempt, from 1.</summary>
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

    /// <summary>Whether a transfer may succeed when it is repeated. A connection that breaks after bytes have moved may work again, with any error code.</summary>
    public static bool IsBroken(VmDeployException failure, bool hasMoved) =>
        failure.IsTransient || (hasMoved && (failure.Code == ErrorCodes.HostTimeout || failure.Code == ErrorCodes.HostUnreachable));

    /// <summary>Repeats an upload that breaks, from its start.</summary>
    public Task UploadAsync(ILogger log, string name, string file, Func<Task> upload, CancellationToken cancellationToken) => RunAsync(async attempt =>
    {
        try
        {
            await upload();
        }
        catch (VmDeployException e) when (e.IsTransient && attempt < Attempts)
        {
            log.UploadRetried(name, file, e.Message, attempt + 1, Attempts);
            throw;
        }
    }, e => e is VmDeployException { IsTransient: true }, cancellationToken);

    public Task RunAsync(Func<int, Task> work, Func<Exception, bool> isTransient, CancellationToken cancellationToken) =>
        RunAsync(async attempt =>
        {
            await work(attempt);
            return true;
        }, isTransient, cancellationToken);
}

/// <summary>The policies of a session: for uploads and calls that are safe to repeat, and for rollback.</summary>
internal sealed record RetryPolicies(RetryPolicy Call, RetryPolicy Cleanup)
{
    /// <summary>How long a task that was cancelled, or whose reference was lost, can run before <c>TaskStillRunning</c> is reported.</summary>
    public TimeSpan TaskPatience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Waits, after a lost reply, until the host is asked again what the request has created: it may be executed late.</summary>
    public Func<Task> BeforeSecondLook { get; init; } = () => Task.Delay(TimeSpan.FromSeconds(5));
}

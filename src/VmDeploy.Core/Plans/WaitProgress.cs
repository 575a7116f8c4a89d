using System.Diagnostics;

namespace VmDeploy;

/// <summary>Reports once a second how much of a time limit has passed.</summary>
internal static class WaitProgress
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Reports until the wait has ended, and completes the bar.</summary>
    public static async Task RunAsync(Task waiting, OperationProgress bar, TimeSpan limit, IProgress<OperationProgress> progress)
    {
        var clock = Stopwatch.StartNew();
        using var ended = new CancellationTokenSource();
        try
        {
            while (!waiting.IsCompleted)
            {
                var left = limit - clock.Elapsed;
                progress.Report(bar with
                {
                    Percent = (int)Math.Min(100, clock.Elapsed.TotalSeconds * 100 / limit.TotalSeconds),
                    TimeLeft = left > TimeSpan.Zero ? left : TimeSpan.Zero,
                });
                await Task.WhenAny(waiting, Task.Delay(s_interval, ended.Token));
            }
            await waiting;
        }
        finally
        {
            ended.Cancel();
            progress.Report(bar with { IsCompleted = true });
        }
    }
}

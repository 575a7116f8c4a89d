namespace VmDeploy;

/// <summary>
/// Slows down a loop of calls that wait for a change, if the host answers early although nothing has changed.
/// The pause grows from 0.1 s to 10 s, and ends as soon as the host reports a change or answers late.
/// </summary>
internal sealed class PollPacer
{
    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private TimeSpan _pause = s_first;

    /// <summary>Called after each answer; waits if it came early (<paramref name="elapsed"/>) and reported no change.</summary>
    public async Task AnsweredAsync(bool isChanged, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        if (isChanged || elapsed > s_longest)
        {
            _pause = s_first;
            return;
        }
        await Task.Delay(_pause, cancellationToken);
        _pause = TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, s_longest.Ticks));
    }
}

namespace VmDeploy.Xapi;

/// <summary>A change of a VM in several calls: if one fails, the earlier ones are rolled back, and so is this one if its answer was lost.</summary>
internal sealed class ReversibleSteps(XapiSession session, string subject)
{
    private readonly List<(string What, Func<Task> Do, Func<Task> Undo)> _steps = [];

    public bool IsEmpty => _steps.Count == 0;

    /// <param name="what">What changes, for messages, for example <c>the name of VM 'web1'</c>.</param>
    /// <param name="apply">The call.</param>
    /// <param name="undo">Restores the previous state; can be called more than once, and if the call was never executed.</param>
    public void Add(string what, Func<Task> apply, Func<Task> undo) => _steps.Add((what, apply, undo));

    public Task RunAsync(CancellationToken cancellationToken) => RollbackScope.RunAsync(session, subject, async scope =>
    {
        foreach (var (what, apply, undo) in _steps)
        {
            cancellationToken.ThrowIfCancellationRequested();
            scope.Add(what, _ => undo());
            await apply();
        }
        return true;
    });
}

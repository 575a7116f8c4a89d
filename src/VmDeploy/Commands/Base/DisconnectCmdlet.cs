namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that closes sessions to one kind of hypervisor.</summary>
public abstract class DisconnectCmdlet : AsyncCmdlet
{
    /// <summary>The sessions to close; by default the default or only one of this kind.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SessionTransformation(TakesSeveral = true)]
    [ArgumentCompleter(typeof(OpenSessionCompleter))]
    public VmSession[]? Session { get; set; }

    private protected abstract bool IsOfKind(VmSession session);

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var sessions = Session ?? [Sessions.ResolveDefault(IsOfKind)];
        foreach (var other in sessions.Where(session => !IsOfKind(session)))
            WriteError(new VmDeployException(ErrorCodes.WrongSessionKind, $"Session {SessionTable.Describe([other])} is connected to {other.Product}.", other));
        // The host may be slow or unreachable; the session is closed here in any case.
        await Task.WhenAll(sessions.Where(IsOfKind).Select(session => session.CloseAsync(cancellationToken)));
    }
}

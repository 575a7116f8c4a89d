using System.Reflection;

namespace VmDeploy.PowerShell;

/// <summary>
/// A cmdlet whose work for each record is asynchronous and runs on the thread pool. The Write* and ShouldProcess* methods of this
/// class may be called from any thread and take effect on the pipeline thread, in the order of the calls. The methods of PSCmdlet
/// that only the pipeline thread may call don't compile in a derived class; <see cref="OnPipelineThreadAsync"/> calls them.
/// </summary>
public abstract partial class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<VmSession> _used = [];
    private Dispatcher _dispatcher = new();
    private IReadOnlyList<string>? _logFiles;
    private string? _typedSubject;
    private bool _yesToAll;
    private bool _noToAll;

    private protected SessionTable Sessions { get; private set; } = null!;

    /// <summary>Receives the progress of the work.</summary>
    protected IProgress<OperationProgress> Progress => _dispatcher;

    /// <summary>Does the work for one record, on the thread pool.</summary>
    protected abstract Task ProcessRecordAsync(CancellationToken cancellationToken);

    /// <summary>Whether <see cref="EndAsync"/> has something to do.</summary>
    private protected virtual bool HasRemainingWork => false;

    /// <summary>Does the work that is left after the last record, on the thread pool.</summary>
    private protected virtual Task EndAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether this failure stops the pipeline, because later records would fail in the same way.</summary>
    protected virtual bool EndsPipeline(VmDeployException failure) =>
        failure.Code == ErrorCodes.NoSession || failure.Code == ErrorCodes.AmbiguousSession;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        Sessions = SessionTable.Current;
        _typedSubject = PipelineSubjects.FirstOrDefault(MyInvocation.BoundParameters.ContainsKey);
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        // PowerShell takes the typed one, and drops what is piped in.
        if (_typedSubject is not null && MyInvocation.ExpectingInput)
            base.ThrowTerminatingError(ErrorRecords.From(BothGiven(_typedSubject)));
        Run(async token =>
        {
            CheckInput();
            await ProcessRecordAsync(token);
        });
    }

    /// <summary>Refuses values that PowerShell has bound to something else than they mean.</summary>
    private protected virtual void CheckInput()
    {
    }

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        if (HasRemainingWork)
            Run(EndAsync);
    }

    private void Run(Func<CancellationToken, Task> work)
    {
        _dispatcher = new Dispatcher { WantsDebug = Wants("Debug"), StillRunning = WarnOfUnfinishedWork };
        var failure = _dispatcher.Run(this, work, _stopping.Token);
        if (failure is null || (failure is OperationCanceledException && _stopping.IsCancellationRequested))
            return;
        var record = ErrorRecords.From(failure);
        CmdletLog.Write(LogFiles, MyInvocation.MyCommand.Name, record);
        if (failure is VmDeployException known && EndsPipeline(known))
            base.ThrowTerminatingError(record);
        base.WriteError(record);
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => _stopping.Cancel();

    /// <summary>Emits an object.</summary>
    protected new void WriteObject(object value) => _ = _dispatcher.EmitAsync([value]);

    /// <summary>Emits objects, and completes when the next command of the pipeline has processed them, so that pages are not read faster than they are used.</summary>
    protected Task WriteObjectsAsync(IReadOnlyList<object> values) => _dispatcher.EmitAsync(values);

    /// <summary>Writes a warning.</summary>
    protected new void WriteWarning(string text)
    {
        var files = LogFiles;
        text = PrintableText.Escape(text);
        _dispatcher.Post(cmdlet =>
        {
            CmdletLog.Write(files, cmdlet.MyInvocation.MyCommand.Name, text);
            cmdlet.WriteWarning(text);
        });
    }

    /// <summary>Writes a failure that does not stop the pipeline.</summary>
    protected void WriteError(Exception failure)
    {
        var record = ErrorRecords.From(failure);
        var files = LogFiles;
        _dispatcher.Post(cmdlet =>
        {
            CmdletLog.Write(files, cmdlet.MyInvocation.MyCommand.Name, record);
            cmdlet.WriteError(record);
        });
    }

    /// <summary>Does the work for one of several objects; its failure is written, and does not stop the others.</summary>
    private protected async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (VmDeployException e)
        {
            WriteError(e);
        }
    }

    /// <summary>The session to use: the given or the default one. Later errors and warnings are written to its log file.</summary>
    /// <exception cref="VmDeployException"><c>NoSession</c>, <c>AmbiguousSession</c> or <c>SessionClosed</c>.</exception>
    private protected VmSession UseSession(VmSession? given)
    {
        if (given is not null)
            LogTo(CmdletLog.FileOf(given));
        var session = Sessions.Resolve(given);
        LogTo(CmdletLog.FileOf(session));
        Track(session);
        return session;
    }

    /// <summary>A stopped cmdlet tells what it may have left on this session's host.</summary>
    private protected void Track(VmSession session)
    {
        lock (_used)
            _used.Add(session);
    }

    private protected void LogTo(string? file) => _logFiles = file is null ? [] : [file];

    /// <summary>Runs a function on the pipeline thread.</summary>
    protected Task<T> OnPipelineThreadAsync<T>(Func<PSCmdlet, T> question) => _dispatcher.AskAsync(question);

    private protected void WarnUncheckedCertificate(string server) =>
        WriteWarning($"The certificate of {server} is not checked: the password is sent to whatever server answers under this name.");

    /// <summary>-WhatIf and -Confirm.</summary>
    /// <param name="target">The object.</param>
    /// <param name="action">The action.</param>
    /// <exception cref="VmDeployException"><c>ConfirmationNotPossible</c> if nobody can be asked.</exception>
    protected Task<bool> ShouldProcessAsync(string target, string action) => _dispatcher.AskAsync(cmdlet =>
    {
        RequireTerminal(target, action, Impact);
        return cmdlet.ShouldProcess(PrintableText.Escape(target), PrintableText.Escape(action));
    });

    /// <summary>
    /// -WhatIf and -Confirm for an action whose impact is high, also where the cmdlet's is not: it is confirmed even
    /// at the usual <c>$ConfirmPreference</c> High, unless <c>-Confirm:$false</c> says otherwise.
    /// </summary>
    /// <exception cref="VmDeployException"><c>ConfirmationNotPossible</c> if nobody can be asked.</exception>
    protected Task<bool> ShouldProcessHighImpactAsync(string target, string action) => _dispatcher.AskAsync(cmdlet =>
    {
        RequireTerminal(target, action, ConfirmImpact.High);
        return cmdlet.ShouldProcess(PrintableText.Escape(target), PrintableText.Escape(action))
            && (!AsksOnlyForHighImpact()
                || cmdlet.ShouldContinue(PrintableText.Escape($"Performing the operation \"{action}\" on target \"{target}\"."), "Confirm", ref _yesToAll, ref _noToAll));
    });

    /// <summary>Releases the cmdlet's resources.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the cmdlet's resources.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _stopping.Dispose();
    }

    /// <summary>The parameters for what the cmdlet acts on, which comes from the pipeline or stands first on the command line.</summary>
    private protected virtual IEnumerable<string> PipelineSubjects => GetType().GetProperties()
        .Where(one => one.GetCustomAttributes(typeof(ParameterAttribute), true).Cast<ParameterAttribute>().Any(parameter => parameter.ValueFromPipeline && parameter.Position == 0))
        .Select(one => one.Name);

    private VmDeployException BothGiven(string parameter) => new(ErrorCodes.PipelineValueInvalid,
        $"-{parameter} has the value '{LanguagePrimitives.ConvertTo<string>(MyInvocation.BoundParameters[parameter])}', so that objects from the pipeline would be ignored.", parameter, hint: ErrorHint.PipedOrTyped);

    // If a failure has no session yet, it can belong to any of them.
    private IReadOnlyList<string> LogFiles => _logFiles ?? Sessions.Open.Select(CmdletLog.FileOf).OfType<string>().Distinct().ToList();

    // A stopped pipeline has no streams any more, so the warning goes directly to the PowerShell host.
    private void WarnOfUnfinishedWork(Task running)
    {
        Sessions.AddPendingWork(running);
        List<VmSession> used;
        lock (_used)
            used = [.. _used];
        var left = used.SelectMany(session => session.Unfinished.Items.Select(item => $"{item} on {session.Server}")).ToList();
        var name = MyInvocation.MyCommand.Name;
        var text = left.Count == 0
            ? $"{name} was stopped, but the host does not answer; the last call ends in the background."
            : $"{name} was stopped and cleans up in the background. Until then, the host may still have: {string.Join(", ", left)}. (Get-VmSession).Unfinished.Items shows what is left.";
        CmdletLog.Write(LogFiles, name, text);
        Host.UI.WriteWarningLine(text);
    }

    /// <summary>Whether -WhatIf is in force; for the pipeline thread.</summary>
    private protected static bool WhatIf(PSCmdlet cmdlet) => LanguagePrimitives.IsTrue(cmdlet.MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given) ? given : cmdlet.GetVariableValue("WhatIfPreference"));

    private ConfirmImpact Impact => GetType().GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact;

    private ConfirmImpact Preference => LanguagePrimitives.TryConvertTo<ConfirmImpact>(GetVariableValue("ConfirmPreference"), out var preference) ? preference : ConfirmImpact.None;

    private bool AsksOnlyForHighImpact() => Impact != ConfirmImpact.High && !MyInvocation.BoundParameters.ContainsKey("Confirm") && Preference == ConfirmImpact.High;

    /// <summary>Answers don't come from a pipe: an action that must be confirmed is an error where standard input is no terminal.</summary>
    private protected virtual bool PromptsAtTerminalOnly => false;

    // Where standard input is a file or at its end, PowerShell's prompt waits or fails with an error that names nothing.
    private void RequireTerminal(string target, string action, ConfirmImpact impact)
    {
        var asks = MyInvocation.BoundParameters.TryGetValue("Confirm", out var confirm) ? LanguagePrimitives.IsTrue(confirm) : Preference != ConfirmImpact.None && Preference <= impact;
        if (PromptsAtTerminalOnly && asks && Host.Name == "ConsoleHost" && Console.IsInputRedirected && !WhatIf(this))
            throw new VmDeployException(ErrorCodes.ConfirmationNotPossible, $"\"{action}\" on {target} must be confirmed, and standard input is not a terminal.", target);
    }

    private bool Wants(string stream) => MyInvocation.BoundParameters.TryGetValue(stream, out var given)
        ? LanguagePrimitives.IsTrue(given)
        : LanguagePrimitives.TryConvertTo<ActionPreference>(GetVariableValue(stream + "Preference"), out var preference)
            && preference is not (ActionPreference.SilentlyContinue or ActionPreference.Ignore);
}

namespace VmDeploy.PowerShell;

// The methods that only the pipeline thread may call. They hide those of PSCmdlet with any parameters, and don't compile
// in a derived class.
public abstract partial class AsyncCmdlet
{
    private const string Reason = "Only the pipeline thread may call this: use OnPipelineThreadAsync, or a method of AsyncCmdlet that posts.";

    /// <summary>Not for derived classes.</summary>
    [Obsolete(Reason, error: true)] protected static void WriteVerbose(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void WriteDebug(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void WriteInformation(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void WriteProgress(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void WriteCommandDetail(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)]
    protected static new void WriteObject(object value, bool enumerateCollection) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static new void WriteError(ErrorRecord record) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)]
    protected static void ThrowTerminatingError(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void ShouldProcess(params object[] _) => throw new NotSupportedException(Reason);

    /// <inheritdoc cref="WriteVerbose"/>
    [Obsolete(Reason, error: true)] protected static void ShouldContinue(params object[] _) => throw new NotSupportedException(Reason);
}

namespace VmDeploy;

/// <summary>
/// A failure that the user can act on. The message names the object that failed and what is valid; the calling program
/// derives its advice from <see cref="Code"/> and <see cref="Hint"/>.
/// Control characters in the message, which often quotes a host or a file, are escaped. Every failure that leaves Core on purpose is one of these; anything else is a bug.
/// </summary>
/// <remarks>Creates the failure.</remarks>
/// <param name="code">The condition.</param>
/// <param name="message">What failed, with the name of the object.</param>
/// <param name="target">The object concerned (a name, path or object), for <c>ErrorRecord.TargetObject</c>.</param>
/// <param name="inner">The cause.</param>
/// <param name="hint">Details of this occurrence; null if the code is enough.</param>
public class VmDeployException(ErrorCode code, string message, object? target = null, Exception? inner = null, ErrorHint? hint = null) : Exception(PrintableText.Escape(message), inner)
{

    /// <summary>The condition.</summary>
    public ErrorCode Code { get; } = code;

    /// <summary>The object concerned.</summary>
    public object? Target { get; } = target;

    /// <summary>Details of this occurrence; null if the code is enough.</summary>
    public ErrorHint? Hint { get; } = hint;

    /// <summary>True where the same call may succeed when repeated (a broken connection, a busy host).</summary>
    public bool IsTransient { get; init; }

    /// <summary>True if no complete reply arrived: the host may have executed the request.</summary>
    internal bool IsUnanswered => Code == ErrorCodes.ConnectionLost || Code == ErrorCodes.HostTimeout || Code == ErrorCodes.HostUnreachable
        || Code == ErrorCodes.UnexpectedReply || Code == ErrorCodes.SshTunnelClosed;

    /// <summary>The same failure, whose message also names what could not be rolled back.</summary>
    internal VmDeployException WithLeftovers(IReadOnlyList<string> left) => left.Count == 0 ? this
        : new(Code, $"{Message} Not rolled back: {string.Join(", ", left)}.", Target, this, Hint) { IsTransient = IsTransient };

    /// <summary>The same failure, whose message also tells which of several VMs of a name it is about.</summary>
    internal VmDeployException About(string vm) => new(Code, $"{Message} The VM is {vm}.", Target, this, Hint) { IsTransient = IsTransient };
}

using System;
using System.Collections.Generic;

namespace VmDeploy;

/// <summary>
/// A failure that the user can act on. The message names the thing that failed; <see cref="Advice"/> names the way out.
/// Every failure that leaves Core on purpose is one of these; anything else is a bug.
/// </summary>
public class VmDeployException : Exception
{
    /// <summary>Creates the failure.</summary>
    /// <param name="code">The row of the error table.</param>
    /// <param name="message">What failed, naming the thing.</param>
    /// <param name="target">The thing it is about (a name, path or object), for <c>ErrorRecord.TargetObject</c>.</param>
    /// <param name="inner">The cause.</param>
    /// <param name="advice">Replaces the table's advice where the case knows better (for example the valid names).</param>
    public VmDeployException(ErrorCode code, string message, object? target = null, Exception? inner = null, string? advice = null)
        : base(message, inner)
    {
        Code = code;
        Target = target;
        Advice = advice ?? code.Advice;
    }

    /// <summary>The row of the error table.</summary>
    public ErrorCode Code { get; }

    /// <summary>The thing it is about.</summary>
    public object? Target { get; }

    /// <summary>The way out.</summary>
    public string Advice { get; }

    /// <summary>True where the same call may succeed when repeated (a broken connection, a busy host).</summary>
    public bool IsTransient { get; init; }

    /// <summary>The same failure, whose message also names what could not be removed again.</summary>
    internal VmDeployException WithLeftovers(IReadOnlyList<string> left) =>
        new(Code, $"{Message} Not removed: {string.Join(", ", left)}.", Target, this, Advice) { IsTransient = IsTransient };
}

using System;
using System.Management.Automation;

namespace VmDeploy.PowerShell;

/// <summary>Failures in PowerShell's terms.</summary>
internal static class ErrorRecords
{
    // Since 7.5 PowerShell prints the recommended action below the message; before, only the message is seen.
    private static readonly bool s_showsAdvice = typeof(PSObject).Assembly.GetName().Version >= new Version(7, 5);

    /// <summary>The record of a failure: its id and category, with advice.</summary>
    public static ErrorRecord From(Exception failure)
    {
        var known = failure as VmDeployException
            ?? new VmDeployException(ErrorCodes.UnexpectedFailure, failure.Message, inner: failure);
        var advice = ErrorAdvice.For(known);
        return new ErrorRecord(known, known.Code.Id, Category(known.Code.Kind), known.Target is string name ? PrintableText.Escape(name) : known.Target)
        {
            ErrorDetails = new ErrorDetails(s_showsAdvice ? known.Message : $"{known.Message} {advice}") { RecommendedAction = advice },
        };
    }

    // The kinds are named so that this can't fail; a test goes through all of them.
    private static ErrorCategory Category(ErrorKind kind) =>
        (ErrorCategory)Enum.Parse(typeof(ErrorCategory), kind.ToString());
}

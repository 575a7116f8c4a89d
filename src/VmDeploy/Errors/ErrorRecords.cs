namespace VmDeploy.PowerShell;

internal static class ErrorRecords
{
    // Since 7.5 PowerShell prints the recommended action below the message; earlier versions show only the message.
    private static readonly bool s_showsAdvice = typeof(PSObject).Assembly.GetName().Version >= new Version(7, 5);

    public static ErrorRecord From(Exception failure)
    {
        var known = failure as VmDeployException ?? new VmDeployException(ErrorCodes.UnexpectedFailure, failure.Message, inner: failure);
        var advice = ErrorAdvice.For(known);
        return new ErrorRecord(known, known.Code.Id, Category(known.Code.Kind), known.Target is string name ? PrintableText.Escape(name) : known.Target)
        {
            ErrorDetails = new ErrorDetails(s_showsAdvice ? known.Message : $"{known.Message} {advice}") { RecommendedAction = advice },
        };
    }

    // The kinds have the names of categories; a test checks all of them.
    private static ErrorCategory Category(ErrorKind kind) => (ErrorCategory)Enum.Parse(typeof(ErrorCategory), kind.ToString());
}

using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Writes what Core logs to the streams of the cmdlet on whose behalf the caller runs, if any.</summary>
internal sealed class StreamLogger : ILogger, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) =>
        Dispatcher.Current is { } dispatcher && logLevel != LogLevel.None && (logLevel >= LogLevel.Information || dispatcher.WantsDebug);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var text = formatter(state, exception);
        if (exception is not null)
            text += $" ({exception.GetType().Name}: {exception.Message})";
        text = PrintableText.Escape(text);
        Action<PSCmdlet> write = logLevel switch
        {
            >= LogLevel.Warning => cmdlet => Warn(cmdlet, text),
            LogLevel.Information => cmdlet => cmdlet.WriteVerbose(text),
            _ => cmdlet => cmdlet.WriteDebug(text),
        };
        Dispatcher.Current?.Post(write);
    }

    // A machine of a deployment is planned for its description, and again when its turn comes.
    private static void Warn(PSCmdlet cmdlet, string text)
    {
        if (cmdlet is not DeploymentCmdlet deployment || deployment.IsFirst(text))
            cmdlet.WriteWarning(text);
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Dispose() { }
}

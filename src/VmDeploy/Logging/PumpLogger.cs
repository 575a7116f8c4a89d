using System;
using System.Management.Automation;
using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Writes what Core logs to the streams of the cmdlet that it works for; nowhere when it works for none.</summary>
internal sealed class PumpLogger : ILogger
{
    public bool IsEnabled(LogLevel logLevel) =>
        Pump.Current is { } pump && logLevel != LogLevel.None && (logLevel >= LogLevel.Information || pump.WantsDebug);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var text = formatter(state, exception);
        if (exception is not null)
            text += $" ({exception.GetType().Name}: {exception.Message})";
        Action<PSCmdlet> write = logLevel switch
        {
            >= LogLevel.Warning => cmdlet => cmdlet.WriteWarning(text),
            LogLevel.Information => cmdlet => cmdlet.WriteVerbose(text),
            _ => cmdlet => cmdlet.WriteDebug(text),
        };
        Pump.Current?.Post(write);
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;
}

using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Gives Core loggers that write to PowerShell's streams.</summary>
internal sealed class PumpLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new PumpLogger();

    public void Dispose()
    {
    }
}

using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Gives Core loggers that append to a file.</summary>
internal sealed class FileLoggerProvider(string path) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new FileLogger(path, categoryName);

    public void Dispose()
    {
    }
}

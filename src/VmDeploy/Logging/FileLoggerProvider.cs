using System;
using System.IO;
using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Gives Core loggers that append to a file.</summary>
internal sealed class FileLoggerProvider : ILoggerProvider
{
    private readonly string _path;

    /// <exception cref="VmDeployException"><c>LogNotWritable</c>.</exception>
    public FileLoggerProvider(string path)
    {
        _path = path;
        try
        {
            FileLogger.Append(path, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VmDeployException(ErrorCodes.LogNotWritable, $"The log file '{path}' can't be written: {e.Message}", path, e);
        }
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(_path, categoryName);

    public void Dispose()
    {
    }
}

using System.Xml;
using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>Writes what Core logs to a file.</summary>
internal sealed class FileLogger(string path, string category) : ILogger, ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new FileLogger(path, categoryName);

    public void Dispose() { }

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        JsonLines.Write(path, logLevel.ToString(), category, eventId.Name ?? "", formatter(state, exception), writer =>
        {
            if (exception is not null)
                writer.WriteElementString("exception", PrintableText.Escape(exception.ToString()));
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
                Values(writer, values);
        });
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    private static void Values(XmlDictionaryWriter writer, IReadOnlyList<KeyValuePair<string, object?>> values)
    {
        writer.WriteStartElement("values");
        writer.WriteAttributeString("type", "object");
        foreach (var value in values)
        {
            if (value.Key == "{OriginalFormat}")
                continue;
            writer.WriteStartElement(value.Key);
            if (value.Value is int or long)
                writer.WriteAttributeString("type", "number");
            writer.WriteString(PrintableText.Escape(Convert.ToString(value.Value, CultureInfo.InvariantCulture) ?? ""));
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using Microsoft.Extensions.Logging;

namespace VmDeploy.PowerShell;

/// <summary>
/// Appends what Core logs to a file, one JSON object a line. The file is open only while a line is written, so that
/// several sessions and scripts may share it and a log rotation can move it.
/// </summary>
internal sealed class FileLogger(string path, string category) : ILogger
{
    private static readonly object s_gate = new();

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Debug and not LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var line = Line(writer =>
        {
            Text(writer, "time", DateTime.UtcNow.ToString("o", CultureInfo.InvariantCulture));
            Text(writer, "level", logLevel.ToString());
            Text(writer, "category", category);
            Text(writer, "event", eventId.Name ?? "");
            Text(writer, "message", formatter(state, exception));
            if (exception is not null)
                Text(writer, "exception", exception.ToString());
            if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
                Values(writer, values);
        });
        try
        {
            Append(path, line);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk here must not stop a deployment there; Connect has made sure that the file can be written.
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <summary>Adds bytes to the end of the file.</summary>
    public static void Append(string path, byte[] bytes)
    {
        lock (s_gate)
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(bytes, 0, bytes.Length);
        }
    }

    private static byte[] Line(Action<XmlDictionaryWriter> content)
    {
        using var buffer = new MemoryStream();
        using (var writer = JsonReaderWriterFactory.CreateJsonWriter(buffer, new UTF8Encoding(false), ownsStream: false))
        {
            writer.WriteStartElement("root");
            writer.WriteAttributeString("type", "object");
            content(writer);
            writer.WriteEndElement();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static void Text(XmlDictionaryWriter writer, string name, string value) => writer.WriteElementString(name, value);

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
            writer.WriteString(Convert.ToString(value.Value, CultureInfo.InvariantCulture));
            writer.WriteEndElement();
        }

        writer.WriteEndElement();
    }
}

using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>
/// Appends to log files, one JSON object a line. A file is open only while a line is written, so that several sessions and
/// scripts may share it and a log rotation can move it.
/// </summary>
internal static class JsonLines
{
    private static readonly object s_gate = new();

    /// <summary>Makes sure that the file can be written.</summary>
    /// <exception cref="VmDeployException"><c>LogNotWritable</c>.</exception>
    public static void Try(string path)
    {
        try
        {
            if (RegularFile.Refusal(path) is { } reason)
                throw new IOException(reason);
            Append(path, []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new VmDeployException(ErrorCodes.LogNotWritable, $"The log file '{path}' can't be written: {e.Message}", path, e);
        }
    }

    /// <summary>Writes a line: time, level, category, event name, text, and the fields that the caller adds.</summary>
    public static void Write(string path, string level, string category, string name, string message, Action<XmlDictionaryWriter> more)
    {
        using var buffer = new MemoryStream();
        using (var writer = JsonReaderWriterFactory.CreateJsonWriter(buffer, new UTF8Encoding(false), ownsStream: false))
        {
            writer.WriteStartElement("root");
            writer.WriteAttributeString("type", "object");
            writer.WriteElementString("time", DateTime.UtcNow.ToString("o", CultureInfo.InvariantCulture));
            writer.WriteElementString("level", level);
            writer.WriteElementString("category", category);
            writer.WriteElementString("event", name);
            writer.WriteElementString("message", PrintableText.Escape(message));
            more(writer);
            writer.WriteEndElement();
        }

        buffer.WriteByte((byte)'\n');
        try
        {
            Append(path, buffer.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A full local disk must not stop a deployment; Connect has checked that the file can be written.
        }
    }

    private static void Append(string path, byte[] bytes)
    {
        lock (s_gate)
        {
            using var heldLock = LogFileLock.Take(path);
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            file.Write(bytes, 0, bytes.Length);
        }
    }
}

using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>Writes errors and warnings of cmdlets to the log files of the sessions concerned.</summary>
internal static class CmdletLog
{
    private static readonly ConditionalWeakTable<VmSession, string> s_files = new();

    /// <summary>From now on the session has a log file.</summary>
    public static void Attach(VmSession session, string file) => s_files.Add(session, file);

    /// <summary>The session's log file, or null.</summary>
    public static string? FileOf(VmSession session) => s_files.TryGetValue(session, out var file) ? file : null;

    /// <summary>Writes an error.</summary>
    public static void Write(IEnumerable<string> files, string cmdlet, ErrorRecord record)
    {
        foreach (var file in files)
        {
            JsonLines.Write(file, "Error", cmdlet, "ErrorRecord", record.Exception.Message, writer =>
            {
                writer.WriteElementString("id", ((VmDeployException)record.Exception).Code.Id);
                writer.WriteElementString("errorCategory", record.CategoryInfo.Category.ToString());
                writer.WriteElementString("target", record.TargetObject?.ToString());
            });
        }
    }

    /// <summary>Writes a warning.</summary>
    public static void Write(IEnumerable<string> files, string cmdlet, string warning)
    {
        foreach (var file in files)
            JsonLines.Write(file, "Warning", cmdlet, "Warning", warning, _ => { });
    }
}

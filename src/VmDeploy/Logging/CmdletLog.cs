using System.Runtime.CompilerServices;

namespace VmDeploy.PowerShell;

/// <summary>Writes errors and warnings of cmdlets to the log files of the sessions concerned.</summary>
internal static class CmdletLog
{
    private static readonly ConditionalWeakTable<VmSession, string> s_files = new();

    public static void Attach(VmSession session, string file) => s_files.Add(session, file);

    public static string? FileOf(VmSession session) => s_files.TryGetValue(session, out var file) ? file : null;

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

    public static void Write(IEnumerable<string> files, string cmdlet, string warning)
    {
        foreach (var file in files)
            JsonLines.Write(file, "Warning", cmdlet, "Warning", warning, _ => { });
    }
}

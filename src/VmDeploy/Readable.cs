namespace VmDeploy.PowerShell;

/// <summary>What the views show; used by them and by the type data.</summary>
public static class Readable
{
    /// <summary>A size as <see cref="SizeText"/> writes it, with the decimal separator of the current culture.</summary>
    public static string Bytes(long bytes) => SizeText.Format(bytes, CultureInfo.CurrentCulture);

    /// <summary>The size of a file; a folder has none.</summary>
    public static string FileSize(DatastoreFile file) => file.Type == "Folder" ? "" : Bytes(file.Length);

    /// <summary>Whether commands of this runspace use the session if none is given.</summary>
    public static bool IsDefault(VmSession session) => SessionTable.Current.FindDefault(_ => true) == session;
}

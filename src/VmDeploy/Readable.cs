namespace VmDeploy.PowerShell;

/// <summary>Formats numbers for display; used by the views.</summary>
public static class Readable
{
    /// <summary>A size as <see cref="SizeText"/> writes it, with the decimal separator of the current culture.</summary>
    public static string Bytes(long bytes) => SizeText.Format(bytes, CultureInfo.CurrentCulture);

    /// <summary>The size of a file; a folder has none.</summary>
    public static string FileSize(DatastoreFile file) => file.Type == "Folder" ? "" : Bytes(file.Length);
}

namespace VmDeploy;

/// <summary>A screenshot of the console of a VM.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Format">PNG on vSphere, JPEG on XenServer.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
public sealed record VmScreenshot(Vm Vm, string Format, int Width, int Height)
{
    private static readonly char[] s_invalid = [.. System.IO.Path.GetInvalidFileNameChars(), ':', '*', '?', '"', '<', '>', '|', '\\', '/'];

    /// <summary>The file's content.</summary>
    public byte[] Bytes { get; init; } = [];

    /// <summary>When it was taken, in local time.</summary>
    public DateTime Taken { get; init; } = DateTime.Now;

    /// <summary>The local file that it was saved to; null if it was not.</summary>
    public string? Path { get; init; }

    /// <summary>The usual extension of its format.</summary>
    public string Extension => Format == "JPEG" ? ".jpg" : ".png";

    /// <inheritdoc/>
    public override string ToString() => $"{Vm} {Width}x{Height} {Format}";

    /// <summary>The file that <see cref="Save"/> writes for a path.</summary>
    /// <param name="path">A file; in a folder, the file is named after the VM.</param>
    public string FileFor(string path) => Directory.Exists(path) ? System.IO.Path.Combine(path, FileName) : path;

    /// <summary>Saves it.</summary>
    /// <param name="path">A file; in a folder, the file is named after the VM.</param>
    /// <param name="overwrite">Replace an existing file.</param>
    /// <returns>The picture with its path.</returns>
    /// <exception cref="VmDeployException"><c>LocalFileExists</c> or <c>LocalFileNotWritable</c>.</exception>
    public VmScreenshot Save(string path, bool overwrite)
    {
        var file = FileFor(path);
        if (!overwrite && File.Exists(file))
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"'{file}' already exists.", file);
        try
        {
            // The picture gets its name only when it is complete.
            var part = $"{file}.{Guid.NewGuid():N}.part";
            try
            {
                File.WriteAllBytes(part, Bytes);
                if (overwrite)
                    File.Delete(file);
                File.Move(part, file);
            }
            finally
            {
                File.Delete(part);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException or System.Security.SecurityException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{file}' can't be written: {e.Message}", file, e);
        }
        return this with { Path = file };
    }

    private string FileName => string.Concat(Vm.Name.Select(letter => char.IsControl(letter) || Array.IndexOf(s_invalid, letter) >= 0 ? '_' : letter)) + Extension;
}

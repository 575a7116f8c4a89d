namespace VmDeploy.Transfer;

/// <summary>A local folder to be written. It has its name only once it is complete; of one that is not, nothing is left.</summary>
internal sealed class LocalFolderTarget
{
    private readonly bool _overwrites;

    /// <summary>Checks the destination: the folder, or an existing one in which the folder has the given name.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileExists</c> or <c>LocalFileNotWritable</c>.</exception>
    /// <param name="destination">The folder.</param>
    /// <param name="name">The name of a new folder in it.</param>
    /// <param name="mark">A file that shows that an existing folder is one of these and may be replaced.</param>
    /// <param name="overwrites">It may be replaced.</param>
    public LocalFolderTarget(string destination, string name, string mark, bool overwrites)
    {
        _overwrites = overwrites;
        var isParent = destination.EndsWith("/", StringComparison.Ordinal) || destination.EndsWith("\\", StringComparison.Ordinal)
            || (Directory.Exists(destination) && !File.Exists(System.IO.Path.Combine(destination, mark)));
        Path = System.IO.Path.GetFullPath(isParent ? System.IO.Path.Combine(destination, name) : destination);
        if (File.Exists(Path))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: it is a file.", Path);
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(Path)))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: its folder does not exist.", Path);
        if (!Directory.Exists(Path))
            return;
        if (!overwrites)
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"'{Path}' already exists.", Path);
        var stem = System.IO.Path.GetFileNameWithoutExtension(mark);
        if (Directory.EnumerateFileSystemEntries(Path).Any(entry => Directory.Exists(entry) || !System.IO.Path.GetFileName(entry).StartsWith(stem, StringComparison.Ordinal)))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be replaced: it holds files that are not part of this package.", Path);
    }

    public string Path { get; }

    /// <summary>Writes the folder.</summary>
    public async Task WriteAsync(Func<string, Task> work)
    {
        var part = $"{Path}.{Guid.NewGuid().ToString("N").Substring(0, 8)}.part";
        try
        {
            Attempt(() => Directory.CreateDirectory(part));
            await work(part);
            Attempt(() => PutInPlace(part));
        }
        finally
        {
            if (Directory.Exists(part))
                Directory.Delete(part, recursive: true);
        }
    }

    private void PutInPlace(string part)
    {
        if (!_overwrites || !Directory.Exists(Path))
        {
            Directory.Move(part, Path);
            return;
        }
        var old = part + ".old";
        Directory.Move(Path, old);
        try
        {
            Directory.Move(part, Path);
        }
        catch
        {
            Directory.Move(old, Path);
            throw;
        }
        Directory.Delete(old, recursive: true);
    }

    private void Attempt(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Directory.Exists(Path) && !_overwrites
                ? new VmDeployException(ErrorCodes.LocalFileExists, $"'{Path}' already exists.", Path, e)
                : new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: {e.Message}", Path, e);
        }
    }
}

namespace VmDeploy.Transfer;

/// <summary>A local file to be written. It gets its name when it is complete; an incomplete one is deleted.</summary>
internal sealed class LocalTarget
{
    private readonly bool _overwrites;

    /// <summary>Checks the destination: a file, or a folder in which the file has the given name.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileExists</c> or <c>LocalFileNotWritable</c>.</exception>
    public LocalTarget(string destination, string name, bool overwrites)
    {
        _overwrites = overwrites;
        var isFolder = Directory.Exists(destination) || destination.EndsWith("/", StringComparison.Ordinal) || destination.EndsWith("\\", StringComparison.Ordinal);
        // The host chose the name.
        if (isFolder && (name is "" or "." or ".." || name.IndexOfAny(System.IO.Path.GetInvalidFileNameChars()) >= 0))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{name}' can't be the name of a local file.", name);
        Path = isFolder ? System.IO.Path.Combine(destination, name) : destination;
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: its folder does not exist.", Path);
        if (Directory.Exists(Path))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: it is a folder.", Path);
        if (!overwrites && File.Exists(Path))
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"'{Path}' already exists.", Path);
    }

    public string Path { get; }

    /// <summary>Writes the file; the work determines its length.</summary>
    public async Task<FileInfo> WriteAsync(Func<Stream, Task> work)
    {
        var part = $"{Path}.{Guid.NewGuid().ToString("N").Substring(0, 8)}.part";
        try
        {
            using (var stream = Open(part))
                await work(stream);
            PutInPlace(part);
            return new FileInfo(Path);
        }
        finally
        {
            File.Delete(part);
        }
    }

    private void PutInPlace(string part)
    {
        try
        {
            if (_overwrites && File.Exists(Path))
                File.Replace(part, Path, null);
            else
                File.Move(part, Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw File.Exists(Path) && !_overwrites
                ? new VmDeployException(ErrorCodes.LocalFileExists, $"'{Path}' already exists.", Path, e)
                : NotWritable(e);
        }
    }

    private FileStream Open(string part)
    {
        try
        {
            return new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(e);
        }
    }

    private VmDeployException NotWritable(Exception cause) => new(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: {cause.Message}", Path, cause);
}

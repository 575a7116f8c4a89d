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
        if (File.Exists(Path))
            CheckReplaceable();
    }

    public string Path { get; }

    /// <summary>Writes the file; the work determines its length.</summary>
    public async Task<FileInfo> WriteAsync(Func<Stream, Task> work)
    {
        var part = $"{Path}.{Guid.NewGuid().ToString("N").Substring(0, 8)}.part";
        try
        {
            using (var stream = LocalOutputStream.Open(part, FileMode.CreateNew, Path))
            {
                await work(stream);
                await stream.FlushAsync();
            }
            PutInPlace(part);
            return new FileInfo(Path);
        }
        finally
        {
            Discard(part);
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
                : LocalOutputStream.NotWritable(Path, e);
        }
    }

    // Found out now, and not when everything has arrived.
    private void CheckReplaceable()
    {
        try
        {
            // A pipe is opened for both, so that it is not waited for.
            using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            if (!file.CanSeek || RegularFile.IsDevice(Path))
                throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be written: it is not a regular file.", Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw LocalOutputStream.NotWritable(Path, e);
        }
    }

    // A failure of the work says more than this one.
    private static void Discard(string part)
    {
        try
        {
            File.Delete(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Its name shows what it is.
        }
    }
}

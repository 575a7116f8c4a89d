namespace VmDeploy.Transfer;

/// <summary>A local folder to be written. It has its name only once it is complete; of one that is not, nothing is left.</summary>
internal sealed class LocalFolderTarget
{
    private readonly string _mark;
    private readonly Func<string, bool> _isPart;
    private readonly bool _overwrites;

    /// <summary>Checks the destination: the folder, or an existing one in which the folder has the given name.</summary>
    /// <exception cref="VmDeployException"><c>LocalFileExists</c> or <c>LocalFileNotWritable</c>.</exception>
    /// <param name="destination">The folder.</param>
    /// <param name="name">The name of a new folder in it.</param>
    /// <param name="mark">A file that shows that an existing folder is one of these and may be replaced.</param>
    /// <param name="isPart">Whether a folder of this kind has a file of that name; a folder with others is not replaced.</param>
    /// <param name="overwrites">It may be replaced.</param>
    public LocalFolderTarget(string destination, string name, string mark, Func<string, bool> isPart, bool overwrites)
    {
        _mark = mark;
        _isPart = isPart;
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
        CheckReplaceable();
    }

    public string Path { get; }

    /// <summary>Writes the folder. Returns where the replaced one is if it could not be removed; null if nothing is left of it.</summary>
    public async Task<string?> WriteAsync(Func<string, Task> work)
    {
        var part = $"{Path}.{Guid.NewGuid().ToString("N").Substring(0, 8)}.part";
        try
        {
            Attempt(() => Directory.CreateDirectory(part));
            await work(part);
            string? old = null;
            Attempt(() => old = PutInPlace(part));
            return old is null || TryRemove(old) ? null : old;
        }
        catch
        {
            TryRemove(part);
            throw;
        }
    }

    private void CheckReplaceable()
    {
        var entries = Directory.EnumerateFileSystemEntries(Path).ToList();
        if (entries.Count > 0 && !File.Exists(System.IO.Path.Combine(Path, _mark)))
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be replaced: it is not empty, and has no '{_mark}'.", Path);
        if (entries.Find(entry => Directory.Exists(entry) || !_isPart(System.IO.Path.GetFileName(entry))) is { } foreign)
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{Path}' can't be replaced: '{System.IO.Path.GetFileName(foreign)}' is not part of this package.", Path);
    }

    // Returns where the replaced folder is.
    private string? PutInPlace(string part)
    {
        if (!_overwrites || !Directory.Exists(Path))
        {
            Directory.Move(part, Path);
            return null;
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
        return old;
    }

    // Never more than what this class has written: since the check, somebody may have put a file there.
    private bool TryRemove(string folder)
    {
        try
        {
            if (!Directory.Exists(folder))
                return true;
            foreach (var file in Directory.EnumerateFiles(folder).Where(file => _isPart(System.IO.Path.GetFileName(file))).ToList())
                File.Delete(file);
            Directory.Delete(folder);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
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
                : LocalOutputStream.NotWritable(Path, e);
        }
    }
}

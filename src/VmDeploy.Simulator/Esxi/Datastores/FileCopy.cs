using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Datastores;

/// <summary>Copies a file byte by byte, on the host itself. An incomplete copy is removed.</summary>
internal static class FileCopy
{
    private const int Piece = 1 << 20;

    public static async Task RunAsync(DatastorePath from, DatastorePath to, VimTask task)
    {
        var full = task.Esx.Faults.TakeFull() ?? long.MaxValue;
        if (!from.FileExists)
            throw VimFault.FileNotFound(from.ToString());
        if (!to.Folder.FolderExists)
            throw VimFault.FileNotFound(to.Folder.ToString());
        if (to.FileExists)
            throw VimFault.FileAlreadyExists(to.ToString());
        to.Datastore.CheckSpace(new FileInfo(from.Local).Length);
        try
        {
            await using var source = new FileStream(from.Local, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.Asynchronous);
            await using var target = new FileStream(to.Local, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            target.SetLength(source.Length);
            var buffer = new byte[Piece];
            while (await source.ReadAsync(buffer, task.Cancelled) is > 0 and var read)
            {
                if (source.Position >= full)
                    throw VimFault.NoDiskSpace(to.Datastore.Name);
                // Holes remain holes.
                if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0))
                    await target.WriteAsync(buffer.AsMemory(0, read), task.Cancelled);
                else
                    target.Position += read;
                task.Report((int)(source.Position * 100 / source.Length));
            }
        }
        catch
        {
            File.Delete(to.Local);
            throw;
        }
        lock (task.Esx.Gate)
            to.Datastore.Changed();
    }
}

namespace VmDeploy.Xapi;

/// <summary>
/// Whether the storage has space for a restore. VM.revert deletes the VM's current disks before it clones those of the
/// snapshot, so the space must be checked before.
/// </summary>
internal static class RestoreSpace
{
    /// <exception cref="VmDeployException"><c>DatastoreFull</c>, with the repository and the bytes.</exception>
    /// <param name="inventory">The repositories.</param>
    /// <param name="snapshot">Its name, for the message.</param>
    /// <param name="cloned">What is cloned.</param>
    /// <param name="deleted">What is deleted before.</param>
    public static void Check(XapiInventory inventory, string snapshot, IReadOnlyList<XapiRecord> cloned, IReadOnlyList<XapiRecord> deleted)
    {
        foreach (var disks in cloned.GroupBy(vdi => vdi.Text("SR")))
        {
            if (!inventory.Storage.TryGetValue(disks.Key, out var sr) || sr.Number("physical_size") <= 0)
                continue;
            var needed = disks.Sum(vdi => SizeOfClone(sr, vdi));
            var free = sr.Number("physical_size") - sr.Number("physical_utilisation")
                + deleted.Where(vdi => vdi.Text("SR") == sr.Ref).Sum(vdi => vdi.Number("physical_utilisation"));
            if (needed > free)
            {
                throw new VmDeployException(ErrorCodes.DatastoreFull,
                    $"Restoring snapshot '{snapshot}' needs {SizeText.Format(needed)} in '{sr.Name}', where {SizeText.Format(Math.Max(0, free))} are free. Nothing was changed.",
                    snapshot, hint: ErrorHint.RestoreNeedsSpace);
            }
        }
    }

    // In repositories of files a clone begins with its block table: 4 bytes for each 2 MiB. Others may reserve the whole size of a disk.
    private static long SizeOfClone(XapiRecord sr, XapiRecord vdi) => sr.Text("type") is "ext" or "nfs" or "smb" or "file" or "gfs2" or "xfs" or "zfs"
        ? (vdi.Number("virtual_size") >> 19) + (1 << 20)
        : vdi.Number("virtual_size");
}

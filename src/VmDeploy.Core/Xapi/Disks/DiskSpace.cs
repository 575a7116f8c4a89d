namespace VmDeploy.Xapi;

/// <summary>Whether a storage repository can hold a disk.</summary>
internal static class DiskSpace
{
    /// <summary>Refuses a disk that the repository can't hold: in one of LVM its whole size is reserved, in others it may not be larger than the repository.</summary>
    /// <param name="storage">The repository.</param>
    /// <param name="bytes">The size of the disk.</param>
    /// <param name="present">What the disk has already.</param>
    /// <exception cref="VmDeployException"><c>DatastoreFull</c>.</exception>
    public static void Require(XapiRecord storage, long bytes, long present = 0)
    {
        var size = storage.Number("physical_size");
        if (size <= 0)
            return;
        var isReserved = storage.Text("type").StartsWith("lvm", StringComparison.Ordinal);
        var free = Math.Max(0, size - storage.Number("physical_utilisation"));
        if (isReserved ? bytes - present > free : bytes > size)
        {
            throw new VmDeployException(ErrorCodes.DatastoreFull,
                $"A disk of {SizeText.Format(bytes)} requested; storage repository '{storage.Name}' has {SizeText.Format(isReserved ? free : size)}{(isReserved ? " free" : "")}.",
                storage.Name, hint: ErrorHint.OtherRepository);
        }
    }
}

namespace VmDeploy.Xapi;

/// <summary>The control domain holds a disk while it is imported or exported, and for a moment longer.</summary>
internal static class DiskRelease
{
    /// <summary>Waits until the record of the disk shows that it is free, but not longer than <paramref name="patience"/>: an operation that needs the disk then fails with its own error.</summary>
    public static async Task WaitAsync(XapiSession session, string vdi, Func<XapiRecord, bool> isFree, TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        for (var attempt = 1; attempt <= 2 && !limit.IsCancellationRequested; attempt++)
        {
            try
            {
                await session.Events.WaitAsync("VDI", vdi, isFree, limit.Token);
                return;
            }
            catch (Exception e) when (e is OperationCanceledException or VmDeployException)
            {
                // Once more after a broken connection.
            }
        }
    }
}

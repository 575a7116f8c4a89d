namespace VmDeploy;

/// <summary>The disks that the VMs of one set share. The first VM that needs a disk creates it, and the others wait for it.</summary>
internal sealed class SharedDisks
{
    private readonly Dictionary<string, TaskCompletionSource<string>> _places = [];

    /// <summary>Whether the caller creates the disk, and then says where it is; otherwise another VM does.</summary>
    public bool Claim(string disk)
    {
        lock (_places)
        {
            if (_places.ContainsKey(disk))
                return false;
            _places[disk] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            return true;
        }
    }

    /// <summary>The disk is complete.</summary>
    public void SetPlace(string disk, string place) => PlaceOf(disk).TrySetResult(place);

    /// <summary>Where the disk is, as soon as it is complete. A VM that fails stops the whole set, and so those that wait.</summary>
    public async Task<string> WaitAsync(string disk, CancellationToken cancellationToken)
    {
        var place = PlaceOf(disk);
        using (cancellationToken.Register(() => place.TrySetCanceled(cancellationToken)))
            return await place.Task;
    }

    private TaskCompletionSource<string> PlaceOf(string disk)
    {
        lock (_places)
            return _places[disk];
    }
}

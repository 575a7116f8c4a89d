namespace VmDeploy.Xapi;

/// <summary>
/// Deletes one VM with its snapshots and disks; <c>VM.destroy</c> alone leaves both behind. Can be run again after a failure,
/// and then continues where it stopped.
/// </summary>
internal sealed class VmRemoval(XapiSession session)
{
    /// <summary>In <c>other_config</c> of a VDI in a CD drive that belongs to one VM: that VM's uuid.</summary>
    public const string OwnerKey = "vmdeploy-owner";

    private static readonly TimeSpan s_release = TimeSpan.FromMinutes(1);

    // Disks of VMs whose deletion was requested; they can't be found any more when the VM no longer exists.
    private readonly Dictionary<string, XapiRecord> _disks = [];

    private XapiClient Client => session.Client;

    /// <summary>Powers the VM off and deletes it, if it (still) exists. Not cancellable, because a partial deletion would be worse.</summary>
    /// <exception cref="VmDeployException">The VM's own failure, or <c>DiskNotRemoved</c>; the message names the disks that are left without a VM.</exception>
    public async Task RunAsync(string vm, string name)
    {
        VmDeployException? failure = null;
        try
        {
            await DestroyAllAsync(vm);
        }
        catch (VmDeployException e)
        {
            failure = e;
        }
        // Even if the VM can't be deleted: disks of snapshots that were already deleted belong to no VM.
        var cause = failure is not null && IsPassing(failure) ? null : await RemoveDisksAsync(name);
        // A storage may refuse for a moment, and nobody else knows these disks any more.
        if (cause is not null && !IsPassing(cause))
            cause = await RemoveDisksAsync(name);
        var left = string.Join(", ", _disks.Values.Select(disk => $"disk '{disk.Name}' ({disk.Uuid})"));
        if (failure is not null)
        {
            throw left.Length == 0 ? failure
                : new VmDeployException(failure.Code, $"{failure.Message} Not removed: {left}.", name, failure, failure.Hint) { IsTransient = IsPassing(failure) };
        }
        if (cause is not null)
        {
            throw new VmDeployException(ErrorCodes.DiskNotRemoved, $"VM '{name}' was removed, but not {left}: {cause.Message}", name, cause)
            { IsTransient = IsPassing(cause) };
        }
    }

    /// <summary>Deletes a disk unless a VM uses it; false if one does.</summary>
    public async Task<bool> RemoveDiskAsync(string vdi)
    {
        using var limit = new CancellationTokenSource(s_release);
        for (var isLast = false; ; isLast = true)
        {
            if (await Client.FindAsync("VDI", vdi, CancellationToken.None) is not { } record)
                return true;
            if (await IsUsedAsync(record))
                return false;
            try
            {
                await Client.DestroyAsync("VDI", vdi);
                return true;
            }
            catch (XapiFailure failure) when (failure.Failure is "VDI_IN_USE" or "OTHER_OPERATION_IN_PROGRESS" && !isLast)
            {
                // The control domain uses the disk while an import ends.
                try
                {
                    await session.Events.WaitAsync("VDI", vdi, r => r.List("allowed_operations").Contains("destroy"), limit.Token);
                }
                catch (OperationCanceledException)
                {
                    // The last attempt reports why it is still in use.
                }
            }
        }
    }

    /// <summary>Whether a failure may not occur again: the host did not answer, or is busy.</summary>
    public static bool IsPassing(Exception e) => e is VmDeployException failure && (failure.IsTransient || failure.IsUnanswered);

    private async Task DestroyAllAsync(string reference)
    {
        if (await Client.FindAsync("VM", reference, CancellationToken.None) is not { } vm)
            return;
        // A snapshot with memory is always suspended.
        if (VmReader.PowerStateOf(vm) != PowerState.Off && !vm.Flag("is_a_snapshot"))
            await session.Tasks.RunAsync("VM.hard_shutdown", null, CancellationToken.None, vm.Ref);
        foreach (var snapshot in await Client.FindAsync("VM", vm.List("snapshots"), CancellationToken.None))
            await DestroyAsync(snapshot);
        await DestroyAsync(vm);
    }

    private async Task DestroyAsync(XapiRecord vm)
    {
        var disks = await DisksAsync(vm);
        foreach (var disk in disks)
            _disks[disk.Ref] = disk;
        try
        {
            await Client.DestroyAsync("VM", vm.Ref);
        }
        catch (XapiFailure)
        {
            // The VM keeps them.
            foreach (var disk in disks)
                _disks.Remove(disk.Ref);
            throw;
        }
    }

    // Returns why some are left.
    private async Task<VmDeployException?> RemoveDisksAsync(string owner)
    {
        VmDeployException? cause = null;
        foreach (var disk in _disks.Values.ToList())
        {
            try
            {
                if (!await RemoveDiskAsync(disk.Ref))
                    session.Log.SharedDiskKept(owner, disk.Name);
                _disks.Remove(disk.Ref);
            }
            catch (VmDeployException e)
            {
                cause = e;
                // A host that does not answer now is not asked about each of the others.
                if (IsPassing(e))
                    break;
            }
        }
        return cause;
    }

    private async Task<IReadOnlyList<XapiRecord>> DisksAsync(XapiRecord vm)
    {
        var vbds = await Client.FindAsync("VBD", vm.List("VBDs"), CancellationToken.None);
        var references = vbds.Select(vbd => vbd.Reference("VDI")).Append(vm.Reference("suspend_VDI")).OfType<string>();
        return (await Client.FindAsync("VDI", references, CancellationToken.None)).Where(IsOwn).ToList();

        bool IsOwn(XapiRecord vdi) => vbds.All(vbd => vbd.Reference("VDI") != vdi.Ref || vbd.Text("type") == "Disk")
            || (vdi.Map("other_config").TryGetValue(OwnerKey, out var owner) && owner == vm.Uuid);
    }

    // The control domain uses a disk during an import; that ends by itself and does not count.
    private async Task<bool> IsUsedAsync(XapiRecord vdi)
    {
        var vbds = await Client.FindAsync("VBD", vdi.List("VBDs"), CancellationToken.None);
        var vms = await Client.FindAsync("VM", vbds.Select(vbd => vbd.Reference("VM")).OfType<string>(), CancellationToken.None);
        return vms.Any(vm => !vm.Flag("is_control_domain"));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

/// <summary>Deletes VMs with what is theirs. VM.destroy leaves disks and snapshots behind, and forgets which they were.</summary>
internal sealed class VmRemover
{
    /// <summary>In <c>other_config</c> of a VDI that lies in a CD drive but belongs to one VM: that VM's uuid.</summary>
    public const string OwnerKey = "vmdeploy-owner";

    private static readonly TimeSpan s_release = TimeSpan.FromMinutes(2);

    private readonly XapiSession _session;

    public VmRemover(XapiSession session) => _session = session;

    private XapiClient Client => _session.Client;

    /// <summary>Powers a VM off and deletes it with its snapshots and disks. Not cancellable: half of it would be worse.</summary>
    /// <returns>What could not be deleted, in words; empty when all went well.</returns>
    public async Task<IReadOnlyList<string>> RemoveAsync(XapiRecord vm)
    {
        if (VmReader.PowerStateOf(vm) != PowerState.Off)
            await _session.Tasks.RunAsync("VM.hard_shutdown", null, CancellationToken.None, vm.Ref);

        // All of it is collected before anything goes.
        var disks = new List<string>();
        var snapshots = new List<string>();
        foreach (var reference in vm.List("snapshots"))
        {
            if (await FindAsync("VM", reference) is not { } snapshot)
                continue;
            snapshots.Add(reference);
            disks.AddRange(await DisksAsync(snapshot));
        }
        disks.AddRange(await DisksAsync(vm));

        foreach (var snapshot in snapshots)
            await Client.CallAsync("VM.destroy", CancellationToken.None, snapshot);
        await Client.CallAsync("VM.destroy", CancellationToken.None, vm.Ref);

        var left = new List<string>();
        foreach (var disk in disks.Distinct())
        {
            if (await RemoveDiskAsync(disk, vm.Name) is { } problem)
                left.Add(problem);
        }
        return left;
    }

    /// <summary>Deletes a disk that no VM uses (any more).</summary>
    /// <returns>Why it is still there, although nobody uses it; or null.</returns>
    public async Task<string?> RemoveDiskAsync(string vdi, string owner)
    {
        if (await FindAsync("VDI", vdi) is not { } record)
            return null;
        try
        {
            if (await UsersAsync(record) > 0)
            {
                _session.Log.SharedDiskKept(owner, record.Name);
                return null;
            }
            using var limit = new CancellationTokenSource(s_release);
            for (var isLast = false; ; isLast = true)
            {
                try
                {
                    await Client.CallAsync("VDI.destroy", CancellationToken.None, vdi);
                    return null;
                }
                catch (XapiFailure failure) when (failure.Failure is "VDI_IN_USE" or "OTHER_OPERATION_IN_PROGRESS" && !isLast)
                {
                    // The control domain holds it while an import ends.
                    await _session.Events.WaitAsync("VDI", vdi, r => r.List("allowed_operations").Contains("destroy"), limit.Token);
                }
            }
        }
        catch (Exception e) when (e is VmDeployException or OperationCanceledException)
        {
            if (e is XapiFailure { Failure: "HANDLE_INVALID" })
                return null;
            _session.Log.CleanupFailed(owner, $"disk '{record.Name}'", e.Message);
            return $"'{record.Name}' ({record.Uuid}): {e.Message}";
        }
    }

    private async Task<IReadOnlyList<string>> DisksAsync(XapiRecord vm)
    {
        var disks = new List<string>();
        if (vm.Reference("suspend_VDI") is { } memory)
            disks.Add(memory);
        foreach (var reference in vm.List("VBDs"))
        {
            if (await FindAsync("VBD", reference) is not { } vbd || vbd.Reference("VDI") is not { } vdi)
                continue;
            if (vbd.Text("type") == "Disk" || (await FindAsync("VDI", vdi))?.Map("other_config") is { } config && config.TryGetValue(OwnerKey, out var owner) && owner == vm.Uuid)
                disks.Add(vdi);
        }
        return disks;
    }

    // The control domain's hold during an import is none; that one ends by itself.
    private async Task<int> UsersAsync(XapiRecord vdi)
    {
        var users = 0;
        foreach (var reference in vdi.List("VBDs"))
        {
            if (await FindAsync("VBD", reference) is { } vbd && vbd.Reference("VM") is { } vm && await FindAsync("VM", vm) is { } user && !user.Flag("is_control_domain"))
                users++;
        }
        return users;
    }

    private async Task<XapiRecord?> FindAsync(string @class, string reference)
    {
        try
        {
            return await Client.RecordAsync(@class, reference, CancellationToken.None);
        }
        catch (XapiFailure failure) when (failure.Failure == "HANDLE_INVALID")
        {
            return null;
        }
    }
}

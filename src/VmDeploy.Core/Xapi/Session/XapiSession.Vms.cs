using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

public sealed partial class XapiSession
{
    // By uuid, which is what users hold; calls take references.
    private readonly ConcurrentDictionary<string, string> _references = new(StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override async Task GetVmsAsync(VmQuery query, Func<IReadOnlyList<Vm>, Task> page, CancellationToken cancellationToken)
    {
        if (query.Ids.Count > 0)
        {
            var found = new List<Vm>();
            foreach (var id in query.Ids)
                found.Add(await FindVmAsync(id, cancellationToken));
            await page(found);
            return;
        }
        var vms = (await Client.AllAsync("VM", cancellationToken)).Values.Where(vm => IsVm(vm) && query.NameFilter?.Invoke(vm.Name) != false).ToList();
        if (vms.Count == 0)
            return;
        var reader = await VmReader.ForAllAsync(Client, cancellationToken);
        await page(vms.Select(vm => ToVm(vm, reader)).ToList());
    }

    /// <inheritdoc/>
    public override async Task<VmState> ReadVmAsync(string id, CancellationToken cancellationToken)
    {
        var vm = await VmRecordAsync(id, cancellationToken);
        return (await VmReader.ForOneAsync(Client, vm, cancellationToken)).ToState(vm);
    }

    /// <inheritdoc/>
    public override async Task StartVmAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        switch (VmReader.PowerStateOf(record))
        {
            case PowerState.Off:
                await Tasks.RunAsync("VM.start", null, cancellationToken, record.Ref, false, false);
                break;
            case PowerState.Suspended:
                await Tasks.RunAsync("VM.resume", null, cancellationToken, record.Ref, false, false);
                break;
            case PowerState.Paused:
                await Tasks.RunAsync("VM.unpause", null, cancellationToken, record.Ref);
                break;
        }
        await vm.RefreshAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopVmAsync(Vm vm, bool force, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        var state = VmReader.PowerStateOf(record);
        if (state != PowerState.Off)
        {
            if (force || state != PowerState.On)
                await Tasks.RunAsync("VM.hard_shutdown", null, cancellationToken, record.Ref);
            else
                await CleanShutdownAsync(record, timeout, cancellationToken);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RemoveVmAsync(Vm vm, bool force, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        if (VmReader.PowerStateOf(record) != PowerState.Off && !force)
        {
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"{vm.Name} is not powered off.", vm.Name,
                hint: ErrorHint.StopVmFirst);
        }
        cancellationToken.ThrowIfCancellationRequested();
        var left = await Remover.RemoveAsync(record);
        _references.TryRemove(vm.Id, out _);
        if (left.Count > 0)
            throw new VmDeployException(ErrorCodes.DiskNotRemoved, $"{vm.Name} is removed, but not its disk: {string.Join("; ", left)}", vm.Name);
    }

    /// <inheritdoc/>
    internal override async Task RenameVmAsync(Vm vm, string name, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: who knows then what it is called.
        await Client.CallAsync("VM.set_name_label", CancellationToken.None, record.Ref, name);
    }

    /// <inheritdoc/>
    public override async Task WaitVmAsync(Vm vm, VmCondition condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            await WaitAsync(vm, condition, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VmDeployException(ErrorCodes.WaitTimeout, $"{vm.Name}: no {Words(condition)} within {timeout.TotalSeconds:0} seconds.", vm.Name);
        }
        await vm.RefreshAsync(cancellationToken);
    }

    /// <summary>The record of a VM by its uuid (or reference); <c>VmNotFound</c> when there is none.</summary>
    internal async Task<XapiRecord> VmRecordAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            if (!id.StartsWith("OpaqueRef:", StringComparison.Ordinal) && !_references.ContainsKey(id))
                _references[id] = await Client.TextAsync("VM.get_by_uuid", cancellationToken, id);
            return await Client.RecordAsync("VM", _references.TryGetValue(id, out var reference) ? reference : id, cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            _references.TryRemove(id, out _);
            throw new VmDeployException(ErrorCodes.VmNotFound, $"{Server} has no VM with the id {id} (any more).", id, failure);
        }
    }

    /// <summary>A VM as it is now.</summary>
    internal async Task<Vm> FindVmAsync(string id, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(id, cancellationToken);
        return ToVm(record, await VmReader.ForOneAsync(Client, record, cancellationToken));
    }

    /// <summary>Those of the names that VMs have. Names are not unique on XenServer; the first VM of a name counts.</summary>
    internal async Task<IReadOnlyDictionary<string, Vm>> FindExistingAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Vm>();
        foreach (var name in names)
        {
            foreach (var reference in await Client.ListAsync("VM.get_by_name_label", cancellationToken, name))
            {
                var record = await VmRecordAsync(reference, cancellationToken);
                if (IsVm(record) && !found.ContainsKey(name))
                    found[name] = await FindVmAsync(record.Uuid, cancellationToken);
            }
        }
        return found;
    }

    private static bool IsVm(XapiRecord vm) => !vm.Flag("is_a_template") && !vm.Flag("is_a_snapshot") && !vm.Flag("is_control_domain");

    private Vm ToVm(XapiRecord vm, VmReader reader)
    {
        _references[vm.Uuid] = vm.Ref;
        return new Vm(this, vm.Uuid, reader.ToState(vm));
    }

    private async Task CleanShutdownAsync(XapiRecord vm, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var task = await Client.TextAsync("Async.VM.clean_shutdown", cancellationToken, vm.Ref);
        try
        {
            await Tasks.EndedAsync("VM.clean_shutdown", task, limit.Token);
        }
        catch (XapiFailure failure) when (failure.Code == ErrorCodes.ToolsNotRunning)
        {
            throw new VmDeployException(ErrorCodes.ToolsNotRunning, $"{vm.Name}: the guest's tools do not run.", vm.Name, failure);
        }
        catch (OperationCanceledException)
        {
            await Client.CallAsync("task.cancel", CancellationToken.None, task);
            cancellationToken.ThrowIfCancellationRequested();
            throw new VmDeployException(ErrorCodes.GuestShutdownTimeout, $"{vm.Name} has not shut down within {timeout.TotalSeconds:0} seconds.", vm.Name);
        }
        finally
        {
            await Tasks.DestroyAsync(task);
        }
    }

    private async Task WaitAsync(Vm vm, VmCondition condition, CancellationToken cancellationToken)
    {
        var reference = (await VmRecordAsync(vm.Id, cancellationToken)).Ref;
        var watch = new XapiEvents.Watch(Events);
        watch.Add("VM", reference);
        string? metrics = null;
        while (true)
        {
            await watch.NextAsync(cancellationToken);
            var record = watch.Find(reference)
                ?? throw new VmDeployException(ErrorCodes.VmNotFound, $"{vm.Name} was removed while waiting for it.", vm.Name);
            if (IsSo(condition, record, metrics is null ? null : watch.Find(metrics)))
                return;
            // The guest's record comes and goes with its tools.
            var current = record.Reference("guest_metrics");
            if (current == metrics)
                continue;
            if (metrics is not null)
                watch.Remove(metrics);
            if (current is not null)
                watch.Add("VM_guest_metrics", current);
            metrics = current;
        }
    }

    private static bool IsSo(VmCondition condition, XapiRecord vm, XapiRecord? guest) => condition switch
    {
        VmCondition.PoweredOn => VmReader.PowerStateOf(vm) == PowerState.On,
        VmCondition.PoweredOff => VmReader.PowerStateOf(vm) == PowerState.Off,
        VmCondition.Tools => guest is not null && (guest.Flag("PV_drivers_detected") || guest.Map("PV_drivers_version").Count > 0),
        _ => guest is not null && VmReader.IpAddressOf(guest) is not null,
    };

    private static string Words(VmCondition condition) => condition switch
    {
        VmCondition.PoweredOn => "power on",
        VmCondition.PoweredOff => "power off",
        VmCondition.Tools => "guest tools",
        _ => "IP address",
    };
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

/// <summary>Clones of a halted VM: VM.copy for full ones, VM.clone for linked ones.</summary>
internal sealed class ClonePlan : XapiPlan
{
    private readonly CloneRequest _request;
    private readonly XapiRecord _source;
    private readonly XapiRecord? _storage;
    private readonly XapiRecord? _host;
    private readonly IReadOnlyDictionary<string, XapiRecord> _networks;

    private ClonePlan(XapiSession session, CloneRequest request, IReadOnlyDictionary<string, Vm> existing,
        XapiRecord source, XapiRecord? storage, XapiRecord? host, IReadOnlyDictionary<string, XapiRecord> networks)
        : base(session, request, existing)
    {
        _request = request;
        _source = source;
        _storage = storage;
        _host = host;
        _networks = networks;
    }

    public override string Action => $"{(_request.Linked ? "Clone" : "Copy")} {_source.Name}";

    public override string Destination => $"storage {(_storage is null ? "of the source" : $"'{_storage.Name}'")}{(_host is null ? "" : $" on '{_host.Name}'")}";

    /// <summary>Resolves all names; changes nothing.</summary>
    public static async Task<ClonePlan> CreateAsync(XapiSession session, CloneRequest request, CancellationToken cancellationToken)
    {
        VmNames.Check(request.Names);
        CheckHardware(request.CpuCount, request.MemoryMB, []);
        var source = await session.VmRecordAsync(request.Source.Id, cancellationToken);
        if (VmReader.PowerStateOf(source) is not (PowerState.Off or PowerState.Suspended))
            throw new VmDeployException(ErrorCodes.CloneSourceRunning, $"{source.Name} is running.", source.Name);
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(request.HostName);
        var storage = request.Datastore is null ? null : inventory.DiskStorage(request.Datastore, host);
        if (storage is not null && request.Linked)
        {
            var disks = await DisksAsync(session.Client, source);
            if (disks.Any(d => d.Vdi.Reference("SR") != storage.Ref))
            {
                throw new VmDeployException(ErrorCodes.HardwareInvalid, $"A linked clone of {source.Name} can't lie on '{storage.Name}', where its disks are not.", source.Name,
                    hint: ErrorHint.LinkedCloneStaysWithSource);
            }
        }
        var networks = new Dictionary<string, XapiRecord>();
        foreach (var vif in await InterfacesAsync(session.Client, source))
        {
            if (vif.Reference("network") is { } reference && inventory.Networks.TryGetValue(reference, out var network)
                && (request.NetworkMap.TryGetValue(network.Name, out var wanted) || request.NetworkMap.TryGetValue("*", out wanted)))
                networks[reference] = inventory.Network(wanted);
        }
        return new ClonePlan(session, request, await session.FindExistingAsync(request.Names, cancellationToken), source, storage, host, networks);
    }

    protected override Task<Vm> MakeAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        BuildAsync(name, async (made, builder) =>
        {
            var bar = new OperationProgress(number, name, $"Copy of {_source.Name}") { ParentId = 0 };
            try
            {
                var vm = await DuplicateAsync(made, _source.Ref, _request.Linked ? null : _storage?.Ref ?? XapiRecord.NullRef,
                    p => progress.Report(bar with { Percent = p }), cancellationToken);
                await NameDisksAsync(builder, name, await DisksAsync(Xapi.Client, vm));
                await builder.SetHardwareAsync(vm, _request.CpuCount, _request.MemoryMB << 20);
                if (_host is not null)
                    await builder.CallAsync("VM.set_affinity", vm.Ref, _host.Ref);
                foreach (var vif in await InterfacesAsync(Xapi.Client, vm))
                {
                    if (vif.Reference("network") is { } reference && _networks.TryGetValue(reference, out var network))
                        await builder.ReplaceInterfaceAsync(vm.Ref, vif, network);
                }
                return vm.Ref;
            }
            finally
            {
                progress.Report(bar with { IsCompleted = true });
            }
        }, cancellationToken);
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

public sealed partial class XapiSession
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<VmCdrom>> GetCdromsAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        var cdroms = new List<(int Position, VmCdrom Cdrom)>();
        foreach (var reference in record.List("VBDs"))
        {
            var vbd = await Client.RecordAsync("VBD", reference, cancellationToken);
            if (vbd.Text("type") == "CD")
                cdroms.Add((VmReader.PositionOf(vbd), await ToCdromAsync(vm, vbd, cancellationToken)));
        }
        return cdroms.OrderBy(c => c.Position).Select(c => c.Cdrom).ToList();
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<VmCdrom>> PlanAddCdromAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, CancellationToken cancellationToken)
    {
        if (bus == CdromBus.Sata)
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "XenServer has no SATA drives.", vm.Name, hint: ErrorHint.IdeDrivesOnly);
        var record = await VmRecordAsync(vm.Id, cancellationToken);
        RequireHalted(record);
        var allowed = await Client.ListAsync("VM.get_allowed_VBD_devices", cancellationToken, record.Ref);
        var position = Enumerable.Range(0, VmBuilder.CdPositions).Reverse().Where(p => allowed.Contains(p.ToString(CultureInfo.InvariantCulture))).Select(p => (int?)p).FirstOrDefault()
            ?? throw new VmDeployException(ErrorCodes.CdromSlotsFull, $"{vm.Name} has no free position for a CD drive.", vm.Name);
        var source = await FindMediumAsync(medium, cancellationToken);
        return new PlannedChange<VmCdrom>($"position {position}, {Describe(source)}", (progress, token) => AddAsync(vm, record.Ref, position, source, progress, token));
    }

    private async Task<VmCdrom> AddAsync(
        Vm vm, string record, int position, IsoSource? source, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var iso = await VdiAsync(source, progress, cancellationToken);
        var builder = new VmBuilder(this, new HalfMadeVm(this, vm.Name));
        cancellationToken.ThrowIfCancellationRequested();
        var vbd = await builder.AddCdAsync(record, null, position);
        try
        {
            if (iso is not null)
                await builder.CallAsync("VBD.insert", vbd, iso);
        }
        catch (VmDeployException)
        {
            await builder.CallAsync("VBD.destroy", vbd);
            throw;
        }
        return await ToCdromAsync(vm, await Client.RecordAsync("VBD", vbd, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<VmCdrom>> PlanSetCdromAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, CancellationToken cancellationToken)
    {
        var vbd = await VbdAsync(cdrom, cancellationToken);
        var source = await FindMediumAsync(medium, cancellationToken);
        return new PlannedChange<VmCdrom>(Describe(source), (progress, token) => SetAsync(cdrom, vbd, source, progress, token));
    }

    private async Task<VmCdrom> SetAsync(
        VmCdrom cdrom, XapiRecord vbd, IsoSource? source, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var iso = await VdiAsync(source, progress, cancellationToken);
        var before = vbd.Flag("empty") ? null : vbd.Reference("VDI");
        if (before == iso)
            return await ToCdromAsync(cdrom.Vm, vbd, cancellationToken);
        if (before is not null)
            await EjectAsync(cdrom, vbd, cancellationToken);
        try
        {
            if (iso is not null)
                await Client.CallAsync("VBD.insert", CancellationToken.None, vbd.Ref, iso);
        }
        catch (VmDeployException) when (before is not null)
        {
            await Client.CallAsync("VBD.insert", CancellationToken.None, vbd.Ref, before);
            throw;
        }
        return await ToCdromAsync(cdrom.Vm, await VbdAsync(cdrom, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RemoveCdromAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        var vbd = await VbdAsync(cdrom, cancellationToken);
        RequireHalted(await Client.RecordAsync("VM", vbd.Text("VM"), cancellationToken));
        await Client.CallAsync("VBD.destroy", cancellationToken, vbd.Ref);
    }

    /// <inheritdoc/>
    public override async Task<PlannedChange<DatastoreFile>> PlanSendFileAsync(SendFileRequest request, CancellationToken cancellationToken)
    {
        var target = await Files.FindAsync(request, cancellationToken);
        return new PlannedChange<DatastoreFile>(target.ToString(), async (progress, token) => (await Files.SendAsync(request, target, progress, 0, token)).File);
    }

    private async Task<IsoSource?> FindMediumAsync(CdromMedium medium, CancellationToken cancellationToken)
    {
        if (medium.Kind == CdromMediumKind.Empty)
            return null;
        var inventory = await XapiInventory.ReadAsync(Client, cancellationToken);
        return medium.Kind == CdromMediumKind.HostDevice
            ? await IsoSource.FindDriveAsync(this, inventory, medium.Path, cancellationToken)
            : await IsoSource.FindAsync(this, inventory, medium.Path ?? "", null, cancellationToken);
    }

    private static async Task<string?> VdiAsync(IsoSource? source, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        source is null ? null : await source.VdiAsync(progress, 0, cancellationToken);

    private static string Describe(IsoSource? source) => source?.ToString() ?? "empty";

    private async Task EjectAsync(VmCdrom cdrom, XapiRecord vbd, CancellationToken cancellationToken)
    {
        try
        {
            await Client.CallAsync("VBD.eject", cancellationToken, vbd.Ref);
        }
        catch (XapiFailure failure) when (failure.Failure == "VBD_TRAY_LOCKED")
        {
            throw new VmDeployException(ErrorCodes.CdromLocked, $"{cdrom.Vm.Name}: the guest has locked {cdrom.Label}.", cdrom.Vm.Name, failure,
                hint: ErrorHint.EjectInGuest);
        }
        catch (XapiFailure failure) when (failure.Failure == "VBD_IS_EMPTY")
        {
            // The guest was quicker.
        }
    }

    private async Task<XapiRecord> VbdAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.RecordAsync("VBD", await Client.TextAsync("VBD.get_by_uuid", cancellationToken, cdrom.Id), cancellationToken);
        }
        catch (XapiFailure failure) when (failure.Failure is "UUID_INVALID" or "HANDLE_INVALID")
        {
            throw new VmDeployException(ErrorCodes.CdromNotFound, $"{cdrom.Vm.Name} has no {cdrom.Label} any more.", cdrom.Vm.Name, failure);
        }
    }

    private async Task<VmCdrom> ToCdromAsync(Vm vm, XapiRecord vbd, CancellationToken cancellationToken)
    {
        var position = VmReader.PositionOf(vbd);
        var isEmpty = vbd.Flag("empty") || vbd.Reference("VDI") is null;
        var medium = CdromMedium.Empty;
        if (!isEmpty)
        {
            var vdi = await Client.RecordAsync("VDI", vbd.Text("VDI"), cancellationToken);
            var storage = await Client.RecordAsync("SR", vdi.Text("SR"), cancellationToken);
            medium = storage.Text("type") == "udev" ? new CdromMedium(CdromMediumKind.HostDevice, vdi.Name) : new CdromMedium(CdromMediumKind.Iso, $"[{storage.Name}] {vdi.Name}");
        }
        return new VmCdrom(vm, vbd.Uuid, $"CD drive {position}")
        {
            Medium = medium,
            Slot = $"IDE {position / 2}:{position % 2}",
            IsConnected = !isEmpty && vbd.Flag("currently_attached"),
            StartConnected = !isEmpty,
        };
    }

    private static void RequireHalted(XapiRecord vm)
    {
        if (VmReader.PowerStateOf(vm) != PowerState.Off)
            throw new VmDeployException(ErrorCodes.CdromNeedsPowerOff, $"{vm.Name} is not powered off; XenServer changes the drives of a halted VM only.", vm.Name);
    }
}

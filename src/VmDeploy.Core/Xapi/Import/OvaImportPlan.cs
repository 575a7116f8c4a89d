using System.Diagnostics;
using VmDeploy.Export;
using VmDeploy.Import;
using VmDeploy.Ova;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>An import of an OVA, or a copy of a VM: a VM, its interfaces, and for each disk a VDI that the disk streams into.</summary>
internal sealed class OvaImportPlan(XapiSession session, OvaImportRequest request, ImportSource package, IReadOnlyDictionary<string, Vm> existing, OvaTarget target) : XapiPlan(session, request, existing)
{
    private readonly OvaImportRequest _request = request;
    private readonly OvfHardware _hardware = package.Descriptor.GetHardware(request.DeploymentOption);

    public override string Action => package.Action;

    private protected override VmSummary Summary => new()
    {
        CpuCount = _hardware.CpuCount,
        MemoryMB = _hardware.MemoryBytes >> 20,
        DiskBytes = target.Disks.Select(d => d.Capacity).ToList(),
        Datastore = target.Storage.Name,
        Host = target.Host?.Name,
        Networks = target.Networks.Select(n => (n.Key, n.Value.Name)).ToList(),
        Others = [.. target.Isos.Select(iso => $"ISO {iso.Href}"), .. CloudInit.Summarize(isCopied: false), .. package.Edits.Select(edit => edit.Edit)],
    };

    protected override string? CloudInitStorage => target.Storage.Ref;

    private protected override bool CanCopy => !_request.UploadEach;

    private protected override Task<Vm> CopyAsync(Vm source, VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var original = await Xapi.VmRecordAsync(source.Id, creation.CancellationToken);
            var vm = await builder.DuplicateAsync(original.Ref, null, creation.ReportPercent, creation.CancellationToken);
            await NameDisksAsync(builder, creation.Name, await DisksAsync(Xapi.Client, vm));
            return vm.Ref;
        }, isCopy: true);

    private protected override Task<Vm> CreateAsync(VmCreation creation) =>
        BuildAsync(creation, async builder =>
        {
            var (name, cancellationToken) = (creation.Name, creation.CancellationToken);
            var meter = creation.Measure(package.Name, target.Disks.Sum(d => d.File.StoredLength) + target.Isos.Sum(f => f.StoredLength));
            cancellationToken.ThrowIfCancellationRequested();
            var vm = await builder.CreateVmAsync(target.VmRecord);
            var uuid = (await Xapi.Client.RecordAsync("VM", vm, CancellationToken.None)).Uuid;
            for (var i = 0; i < target.Interfaces.Count; i++)
                await builder.AddInterfaceAsync(vm, target.Interfaces[i], i);

            await package.UseAsync(token => FillAsync(builder, vm, uuid, creation, meter, token), cancellationToken);
            return vm;
        });

    private async Task FillAsync(VmBuilder builder, string vm, string uuid, VmCreation creation, TransferMeter meter, CancellationToken cancellationToken)
    {
        var drives = Enumerable.Range(0, _hardware.Drives.Count).Select(i => VmBuilder.CdPosition - i).ToList();
        var free = new Queue<int>(VmBuilder.FreePositions(drives));
        foreach (var (file, capacity) in target.Disks)
        {
            var position = free.Dequeue();
            var vdi = await UploadAsync(builder, file, capacity, DiskName(creation.Name, position), null, creation, meter, cancellationToken);
            await builder.AttachDiskAsync(vm, vdi, position, isBootable: position == 0);
        }
        for (var i = 0; i < drives.Count; i++)
        {
            // An ISO of the package is stored with the disks, and belongs to this VM alone.
            var iso = _hardware.Drives[i].FileRef is { } id && package.GetFile(id) is { } file
                ? await UploadAsync(builder, file, await file.GetLengthAsync(cancellationToken) ?? file.StoredLength, file.Href, uuid, creation, meter, cancellationToken)
                : null;
            await builder.AddCdAsync(vm, iso, drives[i]);
        }
    }

    private async Task<string> UploadAsync(
        VmBuilder builder, ImportFile file, long capacity, string diskName, string? owner, VmCreation creation, TransferMeter meter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var vdi = await builder.CreateDiskAsync(target.Storage.Ref, capacity, diskName, owner is null ? [] : [(VmRemoval.OwnerKey, owner)]);
        var before = meter.Done;
        await builder.UploadAsync(file.Href, () =>
        {
            // What a failed attempt has sent is sent again.
            meter.Add(before - meter.Done);
            return SendAsync(vdi, file, creation, meter, cancellationToken);
        }, cancellationToken);
        return vdi.Ref;
    }

    private async Task SendAsync(XapiRecord vdi, ImportFile file, VmCreation creation, TransferMeter meter, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        long sent = 0;
        var results = await file.ReadAsync(async source =>
        {
            IBlockReader blocks = file.Form == ExportedForm.StreamOptimized ? new StreamOptimizedReader(source.Bytes, file.Href) : new RawReader(source.Bytes);
            long position = 0;
            await Xapi.Importer.SendAsync(vdi.Ref, vdi.Number("virtual_size"), blocks, count =>
            {
                sent += count;
                creation.BytesSent += count;
                // Read once: the next block is read meanwhile.
                var now = source.Position();
                meter.Add(now - position);
                position = now;
            }, cancellationToken);
        }, cancellationToken);
        Xapi.Log.VerifyDigests(creation.Name, results);
        Xapi.Log.Uploaded(creation.Name, file.Href, sent, clock.ElapsedMilliseconds);
    }
}

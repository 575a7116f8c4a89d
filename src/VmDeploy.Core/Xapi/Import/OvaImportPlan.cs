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

    private protected override bool CanCopy => !_request.UploadEach && _request.SharedDisks.Count == 0;

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
            var created = await Xapi.Client.RecordAsync("VM", vm, CancellationToken.None);
            await builder.BeginAsync(created);
            for (var i = 0; i < target.Interfaces.Count; i++)
                await builder.AddInterfaceAsync(vm, target.Interfaces[i], i);

            await package.UseAsync(token => FillAsync(builder, vm, created.Uuid, creation, meter, token), cancellationToken);
            return vm;
        });

    private async Task FillAsync(VmBuilder builder, string vm, string uuid, VmCreation creation, TransferMeter meter, CancellationToken cancellationToken)
    {
        var drives = Enumerable.Range(0, _hardware.Drives.Count).Select(i => VmBuilder.CdPosition - i).ToList();
        var positions = VmBuilder.FreePositions(drives).Take(target.Disks.Count).ToList();
        // Of the disks that VMs share, each is created by the first of them.
        var own = Enumerable.Range(0, positions.Count).Where(i => !IsShared(i) || creation.Shared!.Claim(IdOf(i))).ToList();
        var uploads = own.Select(i => new Upload(target.Disks[i].File, target.Disks[i].Capacity, DiskName(creation.Name, positions[i]), Owner: null, IsShared(i))).ToList();
        // An ISO of the package is stored with the disks, and belongs to this VM alone.
        foreach (var iso in target.Isos)
            uploads.Add(new Upload(iso, await iso.GetLengthAsync(cancellationToken) ?? iso.StoredLength, iso.Href, uuid, IsShared: false));

        var vdis = await creation.Transfers.RunAsync(
            uploads, package.CanReadSideBySide, (upload, token) => UploadAsync(builder, upload, creation, new FileMeter(meter), token), cancellationToken);
        foreach (var (i, vdi) in own.Zip(vdis, (i, vdi) => (i, vdi)).Where(made => IsShared(made.i)))
            creation.Shared!.SetPlace(IdOf(i), vdi);
        for (var i = 0; i < positions.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var vdi = own.IndexOf(i) is >= 0 and var made ? vdis[made] : await creation.Shared!.WaitAsync(IdOf(i), cancellationToken);
            await builder.AttachDiskAsync(vm, vdi, positions[i], isBootable: positions[i] == 0);
        }
        var isos = new Queue<string>(vdis.Skip(own.Count));
        for (var i = 0; i < drives.Count; i++)
            await builder.AddCdAsync(vm, _hardware.Drives[i].FileRef is null ? null : isos.Dequeue(), drives[i]);

        string IdOf(int disk) => _hardware.Disks[disk].Disk.DiskId;
        bool IsShared(int disk) => _request.SharedDisks.Contains(IdOf(disk));
    }

    private async Task<string> UploadAsync(VmBuilder builder, Upload upload, VmCreation creation, FileMeter meter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var vdi = upload.IsShared ? await builder.CreateSharedDiskAsync(target.Storage.Ref, upload.Capacity, upload.DiskName)
            : await builder.CreateDiskAsync(target.Storage.Ref, upload.Capacity, upload.DiskName, upload.Owner is { } owner ? [(VmRemoval.OwnerKey, owner)] : []);
        await builder.UploadAsync(upload.File.Href, () =>
        {
            meter.Restart();
            return SendAsync(vdi, upload.File, creation, meter, cancellationToken);
        }, cancellationToken);
        return vdi.Ref;
    }

    private async Task SendAsync(XapiRecord vdi, ImportFile file, VmCreation creation, FileMeter meter, CancellationToken cancellationToken)
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
                creation.AddSent(count);
                // Read once: the next block is read meanwhile.
                var now = source.Position();
                meter.Add(now - position);
                position = now;
            }, cancellationToken);
        }, cancellationToken);
        Xapi.Log.VerifyDigests(creation.Name, results);
        Xapi.Log.Uploaded(creation.Name, file.Href, sent, clock.ElapsedMilliseconds);
    }

    /// <summary>A file that becomes a VDI.</summary>
    private sealed record Upload(ImportFile File, long Capacity, string DiskName, string? Owner, bool IsShared);
}

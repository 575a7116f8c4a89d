using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Xapi;

/// <summary>An import of an OVA: a VM, its interfaces, and for each disk a VDI that the VMDK streams into.</summary>
internal sealed class OvaImportPlan : XapiPlan
{
    private const int Attempts = 3;

    private readonly OvaImportRequest _request;
    private readonly OvaPackage _package;
    private readonly OvfHardware _hardware;
    private readonly OvaTarget _target;
    private readonly UploadOnce _once = new();
    private long _sent;

    public OvaImportPlan(XapiSession session, OvaImportRequest request, OvaPackage package, IReadOnlyDictionary<string, Vm> existing, OvaTarget target)
        : base(session, request, existing)
    {
        _request = request;
        _package = package;
        _hardware = package.Descriptor.GetHardware(request.DeploymentOption);
        _target = target;
    }

    public override string Action => $"Import {Path.GetFileName(_package.Path)}";

    public override string Destination => $"storage '{_target.Storage.Name}'{(_target.Host is null ? "" : $" on '{_target.Host.Name}'")}"
        + string.Concat(_target.Networks.Select(n => $", network '{n.Key}' -> '{n.Value.Name}'"));

    protected override bool IsNeededByOthers(Vm vm) => _once.IsSource(vm);

    // The disks cross the network once: the first VM comes from the OVA, the others are clones of it.
    protected override Task<Vm> MakeAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        _request.UploadEach || Names.Count == 1
            ? ImportAsync(name, number, progress, cancellationToken)
            : _once.MakeAsync(
                () => ImportAsync(name, number, progress, cancellationToken),
                source => CloneAsync(source, name, number, progress, cancellationToken),
                cancellationToken);

    protected override Task EndAsync(int made)
    {
        Xapi.Log.BytesSent(Action, Interlocked.Read(ref _sent), made);
        return Task.CompletedTask;
    }

    private Task<Vm> CloneAsync(Vm source, string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        BuildAsync(name, async (made, builder) =>
        {
            var bar = new OperationProgress(number, name, $"Copy of {source.Name}") { ParentId = 0 };
            var original = await Xapi.VmRecordAsync(source.Id, cancellationToken);
            var vm = await DuplicateAsync(made, original.Ref, null, p => progress.Report(bar with { Percent = p }), cancellationToken);
            await NameDisksAsync(builder, name, await DisksAsync(Xapi.Client, vm));
            progress.Report(bar with { IsCompleted = true });
            return vm.Ref;
        }, cancellationToken);

    private Task<Vm> ImportAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        BuildAsync(name, async (made, builder) =>
        {
            var bytes = _target.Disks.Sum(d => d.File.StoredLength) + _target.Isos.Sum(f => f.StoredLength);
            var meter = new TransferMeter(progress, new OperationProgress(number, name, _package.Name) { ParentId = 0, BytesTotal = bytes });
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                var vm = made.Vm(await Xapi.Client.TextAsync("VM.create", CancellationToken.None, _target.VmRecord(made.Label)));
                var uuid = (await Xapi.Client.RecordAsync("VM", vm, CancellationToken.None)).Uuid;
                for (var i = 0; i < _target.Interfaces.Count; i++)
                    await builder.AddInterfaceAsync(vm, _target.Interfaces[i], i);

                var drives = Enumerable.Range(0, _hardware.Drives.Count).Select(i => VmBuilder.CdPosition - i).ToList();
                var free = new Queue<int>(VmBuilder.FreePositions(drives));
                foreach (var (file, capacity) in _target.Disks)
                {
                    var position = free.Dequeue();
                    var vdi = await UploadAsync(builder, file, capacity, DiskName(name, position), null, name, meter, cancellationToken);
                    await builder.AttachDiskAsync(vm, vdi, position, isBootable: position == 0);
                }
                for (var i = 0; i < drives.Count; i++)
                {
                    // An ISO of the package lies beside the disks, and belongs to this VM alone.
                    var iso = _hardware.Drives[i].FileRef is { } id && _package.GetFile(id) is { } file
                        ? await UploadAsync(builder, file, await _package.GetLengthAsync(file, cancellationToken), file.Href, uuid, name, meter, cancellationToken)
                        : null;
                    await builder.AddCdAsync(vm, iso, drives[i]);
                }
                return vm;
            }
            finally
            {
                meter.Complete();
            }
        }, cancellationToken);

    private async Task<string> UploadAsync(
        VmBuilder builder, OvaFile file, long capacity, string diskName, string? owner, string name, TransferMeter meter, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var config = owner is null ? null : new Dictionary<string, string> { [VmRemover.OwnerKey] = owner };
        var vdi = await builder.CreateDiskAsync(_target.Storage.Ref, capacity, diskName, config);
        for (var attempt = 1; ; attempt++)
        {
            var before = meter.Done;
            try
            {
                await SendAsync(vdi, file, capacity, name, meter, cancellationToken);
                return vdi.Ref;
            }
            catch (VmDeployException e) when (e.IsTransient && attempt < Attempts)
            {
                // What was sent before is sent again, and so replaced.
                meter.Add(before - meter.Done);
                Xapi.Log.UploadRetried(name, file.Href, e.Message, attempt + 1, Attempts);
            }
        }
    }

    private async Task SendAsync(XapiRecord vdi, OvaFile file, long capacity, string name, TransferMeter meter, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var source = _package.OpenFile(file);
        IBlockReader blocks = file.IsDisk ? new StreamOptimizedReader(source, file.Href) : new RawReader(source);
        long position = 0, sent = 0;
        await Xapi.Importer.SendAsync(vdi.Ref, vdi.Number("virtual_size"), blocks, count =>
        {
            sent += count;
            Interlocked.Add(ref _sent, count);
            meter.Add(source.StoredPosition - position);
            position = source.StoredPosition;
        }, cancellationToken);
        foreach (var result in await source.CompleteAsync(cancellationToken))
            result.ThrowIfMismatch();
        // What stands behind the last block, too.
        meter.Add(source.StoredPosition - position);
        Xapi.Log.Uploaded(name, file.Href, sent, clock.ElapsedMilliseconds);
    }
}

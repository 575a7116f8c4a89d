using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

/// <summary>An import of an OVA by lease: import spec, <c>ImportVApp</c>, upload, complete.</summary>
internal sealed class OvaImportPlan : DeploymentPlan
{
    private readonly VsphereSession _session;
    private readonly long _bytes;
    private readonly UploadOnce _once = new();
    private long _sent;

    public OvaImportPlan(VsphereSession session, OvaImportRequest request, OvaPackage package, Placement placement,
        IReadOnlyDictionary<string, Vm> existing, IReadOnlyDictionary<string, ObjectContent> networks,
        IReadOnlyDictionary<string, string> properties, long bytes)
        : base(session, request, existing)
    {
        _session = session;
        _bytes = bytes;
        Request = request;
        Package = package;
        Placement = placement;
        Networks = networks;
        Properties = properties;
    }

    public OvaImportRequest Request { get; }

    public OvaPackage Package { get; }

    public Placement Placement { get; }

    /// <summary>Each OVF network's network on the host.</summary>
    public IReadOnlyDictionary<string, ObjectContent> Networks { get; }

    /// <summary>OVF properties by full key, all with a value.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; }

    public override string Action => $"Import {Path.GetFileName(Package.Path)}";

    public override string Destination =>
        $"datastore '{Inventory.NameOf(Placement.Datastore)}' on '{Placement.HostName}'"
        + string.Concat(Networks.Select(n => $", network '{n.Key}' -> '{Inventory.NameOf(n.Value)}'"));

    protected override bool IsNeededByOthers(Vm vm) => _once.IsSource(vm);

    // The disks cross the network once: the first VM comes from the OVA, the others are copies of it on the host.
    protected override Task<Vm> MakeAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken) =>
        Request.UploadEach || Names.Count == 1 || !CanCopy
            ? ImportAsync(name, number, progress, cancellationToken)
            : _once.MakeAsync(
                () => ImportAsync(name, number, progress, cancellationToken),
                source => CopyAsync(source, name, number, progress, cancellationToken),
                cancellationToken);

    protected override Task EndAsync(int made)
    {
        _session.Log.BytesSent(Action, Interlocked.Read(ref _sent), made);
        return Task.CompletedTask;
    }

    // A copy on a standalone host begins with a folder of its own.
    private bool CanCopy => _session.Kind == HypervisorKind.VCenter || DatastorePlace.TakesTopFolders(Placement.Datastore);

    private async Task<Vm> CopyAsync(
        Vm source, string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var bar = new OperationProgress(number, name, $"Copy of {source.Name}") { ParentId = 0 };
        try
        {
            var inventory = await Inventory.ReadAsync(_session.Properties, cancellationToken);
            var clone = await ResolvedClone.CreateAsync(_session, new CloneRequest(source), inventory, cancellationToken);
            return await _session.Cloner.CloneAsync(clone, name, p => progress.Report(bar with { Percent = p }), cancellationToken);
        }
        finally
        {
            progress.Report(bar with { IsCompleted = true });
        }
    }

    private async Task<Vm> ImportAsync(
        string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var spec = await ImportSpec.CreateAsync(_session, this, name, cancellationToken);
        var meter = new TransferMeter(progress, new OperationProgress(number, name, Package.Name) { ParentId = 0, BytesTotal = _bytes });
        var lease = await StartAsync(spec, name, cancellationToken);
        try
        {
            await lease.WaitReadyAsync(cancellationToken);
            await new NfcUploader(_session).UploadAsync(lease, spec.FileItems, Package, name, _bytes, meter, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            await lease.CompleteAsync(CancellationToken.None);
        }
        catch
        {
            await lease.AbortAsync();
            throw;
        }
        finally
        {
            Interlocked.Add(ref _sent, meter.Done);
            meter.Complete();
        }
        var id = lease.Entity!.Value.Value;
        return new Vm(_session, id, await _session.ReadVmAsync(id, CancellationToken.None));
    }

    private async Task<HttpNfcLease> StartAsync(ImportSpec spec, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // Not cancelled half-way: a lease whose reference is lost can't be aborted, and blocks the VM until it times out.
            var reply = await _session.Soap.CallAsync(Placement.ResourcePool, "ImportVApp", CancellationToken.None,
                spec.Spec,
                VimXml.Ref("folder", Placement.Folder),
                VimXml.Ref("host", Placement.Host?.Object));
            return new HttpNfcLease(_session, reply.Child("returnval")!.ToMoRef(), name);
        }
        catch (VmDeployException e) when (SoapClient.IsUnanswered(e))
        {
            await new LostImport(_session, Placement.Folder, spec.InstanceUuid, name).RemoveAsync(cancellationToken);
            throw;
        }
    }
}

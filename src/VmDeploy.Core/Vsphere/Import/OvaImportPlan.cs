using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy.Ova;

namespace VmDeploy.Vsphere;

/// <summary>An import of an OVA by lease: import spec, <c>ImportVApp</c>, upload, complete.</summary>
internal sealed class OvaImportPlan : DeploymentPlan
{
    private readonly VsphereSession _session;
    private readonly long _bytes;

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

    private protected override VmSummary Summary
    {
        get
        {
            var hardware = Package.Descriptor.GetHardware(Request.DeploymentOption);
            return Placement.Summarize() with
            {
                CpuCount = hardware.CpuCount,
                MemoryMB = hardware.MemoryBytes >> 20,
                DiskBytes = hardware.Disks.Select(d => d.Disk.CapacityBytes ?? 0).ToList(),
                Networks = Networks.Select(n => (n.Key, Inventory.NameOf(n.Value))).ToList(),
            };
        }
    }

    // A copy on a standalone host begins with a folder of its own.
    private protected override bool CanCopy =>
        !Request.UploadEach && (_session.Kind == HypervisorKind.VCenter || DatastorePlace.TakesTopFolders(Placement.Datastore));

    private protected override async Task<Vm> CopyAsync(Vm source, VmCreation creation)
    {
        var inventory = await Inventory.ReadAsync(_session.Properties, creation.CancellationToken);
        var clone = await ResolvedClone.CreateAsync(_session, new CloneRequest(source), inventory, creation.CancellationToken);
        return await _session.Cloner.CloneAsync(clone, creation.Name, creation.ReportPercent, creation.CancellationToken);
    }

    private protected override async Task<Vm> CreateAsync(VmCreation creation)
    {
        var name = creation.Name;
        var cancellationToken = creation.CancellationToken;
        var spec = await ImportSpec.CreateAsync(_session, this, name, cancellationToken);
        var meter = creation.Measure(Package.Name, _bytes);
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
            creation.BytesSent = meter.Done;
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

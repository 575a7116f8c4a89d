using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;
using VmDeploy.Ova;
using VmDeploy.Transfer;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task<OvaImportPlan> PlanOvaImportAsync(
        OvaImportRequest request, OvaPackage package, CancellationToken cancellationToken)
    {
        VsphereImportPlan plan = await new OvaPlanner(_properties, _log).PlanAsync(request, package, cancellationToken);
        // The host's own verdict on the OVF belongs to the plan.
        await ImportSpec.CreateAsync(_soap, _content, plan, request.Names[0], _log, cancellationToken);
        return plan;
    }

    /// <inheritdoc/>
    public override async Task ImportOvaAsync(
        OvaImportPlan plan,
        IReadOnlyList<string> names,
        Action<Vm> done,
        Action<string, VmDeployException> failed,
        IProgress<OperationProgress> progress,
        CancellationToken cancellationToken)
    {
        var resolved = (VsphereImportPlan)plan;
        int ready = 0;
        var whole = new OperationProgress(0, $"Importing {plan.Package.Name} to {Server}", "");
        try
        {
            Report();
            await InstanceRunner.RunAsync(names, plan.Request.ThrottleLimit,
                (name, number) => ImportOneAsync(resolved, name, number, progress, cancellationToken),
                vm => { ready++; Report(); done(vm); }, failed, cancellationToken);
        }
        finally
        {
            progress.Report(whole with { IsCompleted = true });
        }

        void Report() => progress.Report(whole with { Status = $"{ready} of {names.Count} ready", Percent = ready * 100 / names.Count });
    }

    private async Task<Vm> ImportOneAsync(
        VsphereImportPlan plan, string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        ImportSpec spec = await ImportSpec.CreateAsync(_soap, _content, plan, name, _log, cancellationToken);
        var meter = new TransferMeter(progress, new OperationProgress(number, name, plan.Package.Name) { ParentId = 0, BytesTotal = plan.Bytes });
        HttpNfcLease lease = await StartImportAsync(plan, spec, name, cancellationToken);
        try
        {
            await lease.WaitReadyAsync(cancellationToken);
            await new NfcUploader(_transport, _properties, Options.BaseAddress, _log)
                .UploadAsync(lease, spec.FileItems, plan.Package, name, plan.Bytes, meter, cancellationToken);
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
            meter.Complete();
        }
        string id = lease.Entity!.Value.Value;
        var vm = new Vm(this, id, await ReadVmAsync(id, CancellationToken.None));
        if (plan.Request.PowerOn)
            await StartImportedAsync(vm, cancellationToken);
        return vm;
    }

    private async Task StartImportedAsync(Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            await StartVmAsync(vm, cancellationToken);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"{vm.Name} is imported, but can't be powered on: {e.Message}", vm, e);
        }
    }

    private async Task<HttpNfcLease> StartImportAsync(VsphereImportPlan plan, ImportSpec spec, string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // Not cancelled half-way: a lease whose reference is lost can't be aborted, and blocks the VM until it times out.
        XElement reply = await _soap.CallAsync(plan.Placement.ResourcePool, "ImportVApp", CancellationToken.None,
            spec.Spec,
            VimXml.Ref("folder", plan.Placement.Folder),
            VimXml.Ref("host", plan.Placement.Host?.Object));
        return new HttpNfcLease(_soap, _waiter, _tasks, _log, reply.Child("returnval")!.ToMoRef(), name);
    }
}

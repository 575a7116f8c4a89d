using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Xapi;

/// <summary>What all plans on XenServer have in common: a VM is made under a passing name, and removed unless it gets its own.</summary>
internal abstract class XapiPlan : DeploymentPlan
{
    protected XapiPlan(XapiSession session, DeploymentRequest request, IReadOnlyDictionary<string, Vm> existing)
        : base(session, request, existing)
    {
        Xapi = session;
        Annotation = request.Annotation;
    }

    protected XapiSession Xapi { get; }

    protected string? Annotation { get; }

    /// <summary>Makes a VM by the given steps, names it, and returns it; on any failure removes all of it.</summary>
    /// <param name="creation">The VM. A cancellation counts until the name is given; from then on the VM is finished.</param>
    /// <param name="build">Returns the VM's reference.</param>
    private protected async Task<Vm> BuildAsync(VmCreation creation, Func<HalfMadeVm, VmBuilder, Task<string>> build)
    {
        var name = creation.Name;
        var made = new HalfMadeVm(Xapi, name);
        var builder = new VmBuilder(Xapi, made);
        try
        {
            var vm = await build(made, builder);
            creation.CancellationToken.ThrowIfCancellationRequested();
            if (Annotation is not null)
                await builder.CallAsync("VM.set_name_description", vm, Annotation);
            await builder.CallAsync("VM.set_name_label", vm, name);
            var record = await Xapi.Client.RecordAsync("VM", vm, CancellationToken.None);
            return await Xapi.FindVmAsync(record.Uuid, CancellationToken.None);
        }
        catch (Exception e)
        {
            var left = await made.RemoveAsync();
            if (e is not VmDeployException failure)
                throw;
            var rest = left.Count == 0 ? "" : $" What was made could not be removed: {string.Join("; ", left)}";
            throw new VmDeployException(failure.Code, $"{name}: {failure.Message}{rest}", name, failure, failure.Hint) { IsTransient = failure.IsTransient };
        }
    }

    /// <summary>Copies or clones a VM under its passing name.</summary>
    protected async Task<XapiRecord> DuplicateAsync(HalfMadeVm made, string source, string? sr, VmCreation creation)
    {
        var vm = made.Vm(sr is null
            ? await Xapi.Tasks.RunAsync("VM.clone", creation.ReportPercent, creation.CancellationToken, source, made.Label)
            : await Xapi.Tasks.RunAsync("VM.copy", creation.ReportPercent, creation.CancellationToken, source, made.Label, sr));
        creation.CancellationToken.ThrowIfCancellationRequested();
        return await Xapi.Client.RecordAsync("VM", vm, CancellationToken.None);
    }

    /// <summary>The disks of a VM with their VBDs, in the order of their positions.</summary>
    protected static async Task<IReadOnlyList<(XapiRecord Vbd, XapiRecord Vdi)>> DisksAsync(XapiClient client, XapiRecord vm)
    {
        var disks = new List<(XapiRecord Vbd, XapiRecord Vdi)>();
        foreach (var reference in vm.List("VBDs"))
        {
            var vbd = await client.RecordAsync("VBD", reference, CancellationToken.None);
            if (vbd.Text("type") == "Disk" && vbd.Reference("VDI") is { } vdi)
                disks.Add((vbd, await client.RecordAsync("VDI", vdi, CancellationToken.None)));
        }
        return disks.OrderBy(d => VmReader.PositionOf(d.Vbd)).ToList();
    }

    /// <summary>The interfaces of a VM, in order.</summary>
    protected static async Task<IReadOnlyList<XapiRecord>> InterfacesAsync(XapiClient client, XapiRecord vm)
    {
        var vifs = new List<XapiRecord>();
        foreach (var reference in vm.List("VIFs"))
            vifs.Add(await client.RecordAsync("VIF", reference, CancellationToken.None));
        return vifs.OrderBy(v => v.Text("device"), StringComparer.Ordinal).ToList();
    }

    /// <summary>Names a VM's own disks after it; copies keep the names of their originals.</summary>
    protected static async Task NameDisksAsync(VmBuilder builder, string name, IEnumerable<(XapiRecord Vbd, XapiRecord Vdi)> disks)
    {
        foreach (var (vbd, vdi) in disks)
            await builder.CallAsync("VDI.set_name_label", vdi.Ref, DiskName(name, VmReader.PositionOf(vbd)));
    }

    protected static string DiskName(string vm, int position) => $"{vm} disk {position}";
}

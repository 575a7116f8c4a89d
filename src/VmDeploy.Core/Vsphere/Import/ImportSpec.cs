using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

/// <summary>What the host makes of an OVF (<c>OvfCreateImportSpecResult</c>): the spec that goes back to it, and the files that it wants.</summary>
internal sealed record ImportSpec(XElement Spec, IReadOnlyList<XElement> FileItems, string InstanceUuid)
{
    public static async Task<ImportSpec> CreateAsync(
        VsphereSession session, OvaImportPlan plan, string name, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        var reply = await session.Soap.CallAsync(session.Content.OvfManager, "CreateImportSpec", cancellationToken,
            VimXml.El("ovfDescriptor", plan.Package.DescriptorXml),
            VimXml.Ref("resourcePool", plan.Placement.ResourcePool),
            VimXml.Ref("datastore", plan.Placement.Datastore.Object),
            VimXml.El("cisp",
                VimXml.El("locale", ""),
                VimXml.El("deploymentOption", request.DeploymentOption ?? ""),
                VimXml.El("entityName", name),
                VimXml.Ref("hostSystem", plan.Placement.Host?.Object),
                plan.Networks.Select(n => VimXml.El("networkMapping", VimXml.El("name", n.Key), VimXml.Ref("network", n.Value.Object))),
                plan.Properties.Where(p => p.Value.Length > 0).Select(p => VimXml.El("propertyMapping", VimXml.El("key", p.Key), VimXml.El("value", p.Value))),
                VimXml.Optional("diskProvisioning", Provisioning(request.DiskProvisioning))));
        var result = reply.Child("returnval")!;
        foreach (var warning in result.Children("warning"))
            session.Log.OvfWarning(name, VimFault.FromLocalized(warning, target: null).Message);
        var errors = result.Children("error").Select(e => VimFault.FromLocalized(e, target: null)).ToList();
        if (errors.Count > 0)
        {
            throw new VmDeployException(errors[0].Code == ErrorCodes.HostFault ? ErrorCodes.OvfRefused : errors[0].Code,
                $"{name}: {string.Join(" ", errors.Select(e => e.Message).Distinct())}", plan.Package.Path, errors[0]);
        }
        var spec = result.Child("importSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, $"{name}: the host returned no import spec.", plan.Package.Path);
        var instanceUuid = Guid.NewGuid().ToString();
        Complete(spec, session.Content, plan, instanceUuid);
        return new ImportSpec(spec, result.Children("fileItem").ToList(), instanceUuid);
    }

    private static void Complete(XElement spec, ServiceContent host, OvaImportPlan plan, string instanceUuid)
    {
        var config = spec.Child("configSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, "The host's import spec is not that of a single VM.", plan.Package.Path);
        Set(config, "instanceUuid", instanceUuid);
        if (plan.Request.Annotation is { } annotation)
            Set(config, "annotation", annotation);
        if (host.Kind == HypervisorKind.Esxi && plan.Properties.Count > 0)
        {
            config.InsertInOrder(VimXml.El("extraConfig", VimXml.El("key", "guestinfo.ovfEnv"),
                VimXml.Typed("value", "xsd:string", OvfEnvironment.Write(host, plan.Properties))), ConfigSpecOrder.Names);
        }
        spec.Name = VimXml.Vim + "spec";
    }

    private static void Set(XElement config, string name, string value)
    {
        config.Child(name)?.Remove();
        config.InsertInOrder(VimXml.El(name, value), ConfigSpecOrder.Names);
    }

    private static string? Provisioning(DiskProvisioning? provisioning) => provisioning switch
    {
        null => null,
        DiskProvisioning.Thin => "thin",
        DiskProvisioning.Thick => "thick",
        DiskProvisioning.EagerZeroedThick => "eagerZeroedThick",
        _ => throw new ArgumentOutOfRangeException(nameof(provisioning)),
    };
}

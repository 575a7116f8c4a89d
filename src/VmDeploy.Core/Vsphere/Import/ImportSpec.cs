namespace VmDeploy.Vsphere;

/// <summary>The host's translation of an OVF (<c>OvfCreateImportSpecResult</c>): the spec that is sent back, and the files to upload.</summary>
internal sealed record ImportSpec(XElement Spec, IReadOnlyList<XElement> FileItems, IReadOnlyList<string> Warnings)
{
    public static async Task<ImportSpec> CreateAsync(
        VsphereSession session, OvaImportPlan plan, string name, string instanceUuid, CancellationToken cancellationToken)
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
        var errors = result.Children("error").Select(e => VimFault.FromLocalized(e, target: null)).ToList();
        if (errors.Count > 0)
        {
            throw new VmDeployException(errors[0].Code == ErrorCodes.HostFault ? ErrorCodes.OvfRefused : errors[0].Code,
                $"{name}: {string.Join(" ", errors.Select(e => e.Message).Distinct())}", plan.Package.Path, errors[0],
                IsAdaptable(plan, errors) ? ErrorHint.AdaptPackage : null);
        }
        var spec = result.Child("importSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, $"{name}: the host returned no import spec.", plan.Package.Path);
        Complete(spec, session.Host, plan, instanceUuid);
        return new ImportSpec(spec, result.Children("fileItem").ToList(),
            result.Children("warning").Select(w => VimFault.FromLocalized(w, target: null).Message).ToList());
    }

    private static void Complete(XElement spec, IVsphereHost host, OvaImportPlan plan, string instanceUuid)
    {
        var config = spec.Child("configSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, "The host's import spec is not that of a single VM.", plan.Package.Path);
        ConfigSpec.Set(config, "instanceUuid", instanceUuid);
        if (plan.Request.Annotation is { } annotation)
            ConfigSpec.Set(config, "annotation", annotation);
        plan.Hardware?.WriteSettings(config);
        if (host.OvfProperties(plan.Properties) is { } environment)
            config.InsertInOrder(environment, ConfigSpec.Order);
        spec.Name = VimXml.Vim + "spec";
    }

    // Only the host knows which hardware versions are too new for it.
    private static bool IsAdaptable(OvaImportPlan plan, List<VimFault> errors) =>
        !plan.Request.Adapt && (plan.Package.Incompatibilities.Count > 0 || errors.Exists(e => e.Type == "OvfNoSupportedHardwareFamily"));

    private static string? Provisioning(DiskProvisioning? provisioning) => provisioning switch
    {
        null => null,
        DiskProvisioning.Thin => "thin",
        DiskProvisioning.Thick => "thick",
        DiskProvisioning.EagerZeroedThick => "eagerZeroedThick",
        _ => throw new ArgumentOutOfRangeException(nameof(provisioning)),
    };
}

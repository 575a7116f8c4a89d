using VmDeploy.Import;

namespace VmDeploy.Vsphere;

/// <summary>The host's translation of an OVF (<c>OvfCreateImportSpecResult</c>): the spec that is sent back, and the files to upload.</summary>
internal sealed record ImportSpec(XElement Spec, IReadOnlyList<XElement> FileItems, IReadOnlyList<string> Warnings)
{
    public static async Task<ImportSpec> CreateAsync(
        VsphereSession session, OvaImportPlan plan, string name, string instanceUuid, CancellationToken cancellationToken)
    {
        var properties = plan.Properties.Where(p => p.Value.Length > 0).Select(p => VimXml.El("propertyMapping", VimXml.El("key", p.Key), VimXml.El("value", p.Value)));
        var found = await TranslateAsync(session, plan, plan.Package, plan.Package.DescriptorXml, plan.Networks, name, properties, cancellationToken);
        Complete(found.Spec, session.Host, plan, instanceUuid);
        found.Spec.Name = VimXml.Vim + "spec";
        return found;
    }

    /// <summary>Asks the host for its translation of a descriptor, of a VM or a vApp.</summary>
    /// <param name="session">The session.</param>
    /// <param name="plan">Where it goes, and how.</param>
    /// <param name="package">What it is made from.</param>
    /// <param name="descriptor">Its descriptor, or an edited one.</param>
    /// <param name="networks">Network by the name in the descriptor.</param>
    /// <param name="name">The name of the VM or vApp.</param>
    /// <param name="properties">Values of properties that are not in the descriptor.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task<ImportSpec> TranslateAsync(
        VsphereSession session, OvaImportPlan plan, ImportSource package, string descriptor, IReadOnlyDictionary<string, ObjectContent> networks, string name,
        IEnumerable<XElement> properties, CancellationToken cancellationToken)
    {
        var request = plan.Request;
        var reply = await session.Soap.CallAsync(session.Content.OvfManager, "CreateImportSpec", cancellationToken,
            VimXml.El("ovfDescriptor", descriptor),
            VimXml.Ref("resourcePool", plan.Placement.ResourcePool),
            VimXml.Ref("datastore", plan.Placement.Datastore.Object),
            VimXml.El("cisp",
                VimXml.El("locale", ""),
                VimXml.El("deploymentOption", request.DeploymentOption ?? ""),
                VimXml.El("entityName", name),
                VimXml.Ref("hostSystem", plan.Placement.Host?.Object),
                networks.Select(n => VimXml.El("networkMapping", VimXml.El("name", n.Key), VimXml.Ref("network", n.Value.Object))),
                properties,
                VimXml.Optional("diskProvisioning", Provisioning(request.DiskProvisioning))));
        var result = reply.Child("returnval")!;
        var errors = result.Children("error").Select(e => VimFault.FromLocalized(e, target: null)).ToList();
        if (errors.Count > 0)
        {
            throw new VmDeployException(errors[0].Code == ErrorCodes.HostFault ? ErrorCodes.OvfRefused : errors[0].Code,
                $"{name}: {string.Join(" ", errors.Select(e => e.Message).Distinct())}", package.Path, errors[0],
                IsAdaptable(request, package, errors) ? ErrorHint.AdaptPackage : null);
        }
        var spec = result.Child("importSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, $"{name}: the host returned no import spec.", package.Path);
        return new ImportSpec(spec, result.Children("fileItem").ToList(),
            result.Children("warning").Select(w => VimFault.FromLocalized(w, target: null).Message).ToList());
    }

    /// <summary>Completes the spec of one VM with what the descriptor does not say.</summary>
    public static void Complete(XElement spec, IVsphereHost host, OvaImportPlan plan, string instanceUuid)
    {
        var config = spec.Child("configSpec")
            ?? throw new VmDeployException(ErrorCodes.OvfRefused, "The host's import spec is not that of a single VM.", plan.Package.Path);
        ConfigSpec.Set(config, "instanceUuid", instanceUuid);
        if (plan.Request.Annotation is { } annotation)
            ConfigSpec.Set(config, "annotation", annotation);
        plan.Hardware?.WriteSettings(config);
        foreach (var entry in new[] { host.OvfProperties(plan.Properties), VsphereOwnership.Begin(plan.Request, instanceUuid) }.OfType<XElement>())
            config.InsertInOrder(entry, ConfigSpec.Order);
    }

    // Only the host knows which hardware versions are too new for it.
    private static bool IsAdaptable(OvaImportRequest request, ImportSource package, List<VimFault> errors) =>
        !request.Adapt && (package.Incompatibilities.Count > 0 || errors.Exists(e => e.Type == "OvfNoSupportedHardwareFamily"));

    private static string? Provisioning(DiskProvisioning? provisioning) => provisioning switch
    {
        null => null,
        DiskProvisioning.Thin => "thin",
        DiskProvisioning.Thick => "thick",
        DiskProvisioning.EagerZeroedThick => "eagerZeroedThick",
        _ => throw new ArgumentOutOfRangeException(nameof(provisioning)),
    };
}

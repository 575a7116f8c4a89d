using VmDeploy.CloudInit;
using VmDeploy.Import;
using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>The checks of a request that need no host; the same on every hypervisor except for its limits.</summary>
internal static class RequestChecks
{
    private const int LastVlan = 4094;

    private const long RoundedUp = 1 << 20;

    public static void Run(VmLimits limits, DeploymentRequest request)
    {
        VmNames.Check(request.Names, limits);
        request.Hardware.Check(limits);
        OutgoingText.Checked(request.Annotation ?? "", "the annotation");
        switch (request)
        {
            case CloneRequest clone:
                if (clone.Names.Contains(clone.Source.Name, StringComparer.OrdinalIgnoreCase))
                    throw new VmDeployException(ErrorCodes.VmNameExists, $"'{clone.Source.Name}' is the name of the source itself.", clone.Source.Name);
                break;
            case IsoVmRequest iso:
                if (iso.Hardware.DiskBytes?.Contains(null) == true)
                    throw VmLimits.Invalid("A disk without a size requested; a VM from scratch has no source that specifies one.", null);
                if (iso.Hardware.NetworkMap.Count > 0)
                    throw VmLimits.Invalid("A map of networks requested; a VM from scratch has no networks to map.", null);
                break;
            case TemplateRequest template:
                if (template.Vlan is { } vlan && (vlan < 1 || vlan > LastVlan))
                    throw new VmDeployException(ErrorCodes.VlanNotPossible, $"VLAN {vlan} requested; tags are 1 to {LastVlan}.", vlan);
                if (template.Vlan is not null && (template.Hardware.Networks is { Count: > 1 } || template.Hardware.NetworkMap.Count > 0))
                    throw new VmDeployException(ErrorCodes.VlanNotPossible, $"VLAN {template.Vlan} on several networks requested; a VLAN belongs to one network.", template.Vlan);
                break;
        }
        if (request.CloudInit is { } cloudInit)
        {
            CloudInitChecks.Run(cloudInit, limits, request.Names);
            if (request.Hardware.ExtraConfig.Keys.FirstOrDefault(key => GuestinfoValues.Keys.Contains(key, StringComparer.OrdinalIgnoreCase)) is { } twice)
                throw new VmDeployException(ErrorCodes.ValueRefused, $"The extra configuration has the key '{twice}', in which cloud-init finds the documents that are also given.", twice);
        }
    }

    /// <summary>Checks names, package, licence and properties of an import. Returns the OVF properties by full key, with the OVF's defaults.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> RunAsync(
        VmSession session, OvaImportRequest request, ImportSource package, CancellationToken cancellationToken)
    {
        Run(session.Limits, request);
        var descriptor = package.Descriptor;
        var option = descriptor.GetDeploymentOption(request.DeploymentOption)?.Id;
        CheckWhole(request, package);
        var given = descriptor.ResolveProperties(request.Properties, option);
        foreach (var property in given)
            OutgoingText.Checked(property.Value, $"the property '{property.Key}'");
        var capacities = await package.CheckImportableAsync(cancellationToken);
        foreach (var disk in descriptor.Disks)
        {
            // A descriptor may round up to its unit.
            if (disk is { FileRef: { } file, CapacityBytes: { } said } && capacities.TryGetValue(file, out var held) && (held > said || said - held >= RoundedUp))
                session.Log.CapacityDiffers(package.Name, package.GetFile(file).Href, SizeText.Format(held), SizeText.Format(said));
        }
        return descriptor.Properties.GroupBy(p => p.FullKey).ToDictionary(
            p => p.Key, p => given.TryGetValue(p.Key, out var value) ? value : p.First().GetDefault(option) ?? "", StringComparer.Ordinal);
    }

    /// <summary>Checks of a package as a whole, with one machine or several: deployment option, networks and licence.</summary>
    public static void CheckWhole(OvaImportRequest request, ImportSource package)
    {
        var descriptor = package.Descriptor;
        descriptor.GetDeploymentOption(request.DeploymentOption);
        var unknown = request.Hardware.NetworkMap.Keys.FirstOrDefault(k => k != NetworkMaps.Others && descriptor.Networks.All(n => n.Name != k));
        if (unknown is not null)
        {
            throw new VmDeployException(ErrorCodes.OvfNetworkUnknown,
                $"Network '{unknown}' not found in {package.Name}. {Names.Available(descriptor.Networks.Select(n => n.Name), "The package has no networks.")}", unknown);
        }
        if (descriptor.Eulas.Count > 0 && !request.AcceptEula)
            throw new VmDeployException(ErrorCodes.EulaNotAccepted, $"{package.Name} has a licence agreement that was not accepted.", package.Path);
    }
}

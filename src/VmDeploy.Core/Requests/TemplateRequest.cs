namespace VmDeploy;

/// <summary>A request for VMs from a template.</summary>
/// <param name="Template">The template's name, uuid or id.</param>
public sealed record TemplateRequest(string Template) : DeploymentRequest
{
    /// <summary>VLAN tag 1..4094 on the uplink of the requested or the default network; the VLAN's network is created if it doesn't exist (XenServer).</summary>
    public int? Vlan { get; init; }

    /// <summary>A full copy of the disks instead of a fast clone (XenServer).</summary>
    public bool FullCopy { get; init; }

    internal override IEnumerable<string> Details => FullCopy ? ["full copy", .. base.Details] : base.Details;
}

namespace VmDeploy.Ova;

/// <summary>Edits a copy of a descriptor until a host accepts it; the file stays as it is.</summary>
internal static class OvfAdapter
{
    /// <summary>Edits for ESXi and vCenter, which read the descriptor themselves.</summary>
    /// <param name="xml">The descriptor.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="newestHardware">The newest hardware version of the host, for example 19 for <c>vmx-19</c>; null if it is not known.</param>
    public static AdaptedDescriptor ForVsphere(string xml, string name, int? newestHardware) => Run(xml, name,
    [
        // Later ones see the edits of earlier ones.
        new OldEnvelope(), new NewerEnvelope(), new MissingHardware(), new SoundCards(), new SataControllers(), new IdeSubTypes(),
        new ForeignModels(), new CrowdedIde(), new OptionalParts(), new HardwareFamily(newestHardware),
    ]);

    /// <summary>Edits for XenServer: the VM is built by this program, whose reader takes all versions and devices.</summary>
    /// <param name="xml">The descriptor.</param>
    /// <param name="name">Its name, for messages.</param>
    public static AdaptedDescriptor ForXenServer(string xml, string name) => Run(xml, name, [new MissingHardware()]);

    private static AdaptedDescriptor Run(string xml, string name, IReadOnlyList<IOvfAdaptation> adaptations)
    {
        var draft = new OvfDraft(new OvfXml(name).Load(xml));
        foreach (var adaptation in adaptations)
            adaptation.Apply(draft);
        return new AdaptedDescriptor(draft.Edits.Count == 0 ? xml : draft.ToXml(), draft.Edits);
    }
}

/// <summary>A descriptor as a host gets it.</summary>
/// <param name="Xml">Its text; the original if nothing was edited.</param>
/// <param name="Edits">What was edited, in order.</param>
internal sealed record AdaptedDescriptor(string Xml, IReadOnlyList<OvfIncompatibility> Edits);

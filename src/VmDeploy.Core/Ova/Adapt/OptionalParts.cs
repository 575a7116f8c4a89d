namespace VmDeploy.Ova;

/// <summary>
/// Settings, sections and devices that a host may not know become optional: a host that does not know an optional part leaves it out
/// with a warning.
/// </summary>
internal sealed class OptionalParts : IOvfAdaptation
{
    // Settings that all hosts accept.
    private static readonly HashSet<string> s_settings = ["nvram", "virtualHW.productCompatibility"];

    // CPU, memory, controllers, adapters, drives, disks, USB, graphics, and what VMware itself writes.
    private static readonly HashSet<int> s_devices = [1, 3, 4, 5, 6, 10, 14, 15, 16, 17, 20, 23, 24];

    public void Apply(OvfDraft draft)
    {
        foreach (var setting in draft.Hardware.Elements(OvfDraft.Vmw + "ExtraConfig"))
        {
            var key = (string?)setting.Attribute(OvfDraft.Vmw + "key") ?? "";
            if (!s_settings.Contains(key) && !key.StartsWith("pciBridge", StringComparison.Ordinal))
                MakeOptional(draft, setting, $"required setting '{key}'");
        }
        foreach (var section in draft.Envelope.Elements().Concat(draft.Systems.Elements()).Where(section => section.Name.Namespace != draft.Own))
            MakeOptional(draft, section, $"required section '{section.Name.LocalName}'");
        foreach (var item in draft.Items.Where(item => !s_devices.Contains(OvfDraft.TypeOf(item))))
            MakeOptional(draft, item, $"required device '{OvfDraft.NameOf(item)}' of the type {OvfDraft.TypeOf(item)}");
    }

    private static void MakeOptional(OvfDraft draft, XElement part, string problem)
    {
        if (!draft.IsRequired(part))
            return;
        part.SetAttributeValue("required", null);
        part.SetAttributeValue(OvfDraft.Ovf + "required", "false");
        draft.Note(problem, $"{problem.Substring("required ".Length)} made optional");
    }
}

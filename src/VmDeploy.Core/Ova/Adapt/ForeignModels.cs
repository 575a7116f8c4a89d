namespace VmDeploy.Ova;

/// <summary>SCSI controllers and network adapters that only other hypervisors have become the most common ones.</summary>
internal sealed class ForeignModels : IOvfAdaptation
{
    // The resource types of CIM, the models that VMware does not have, and their replacements.
    private static readonly (int Type, string What, string Known, string[] Foreign)[] s_models =
    [
        (6, "SCSI controller", "lsilogic", ["virtio", "xen", "spapr", "megasas", "53c895a"]),
        (10, "network adapter", "E1000", ["virtio", "xen", "rtl8139", "ne2k", "netfront", "synthetic", "82540", "82543", "82545"]),
    ];

    public void Apply(OvfDraft draft)
    {
        foreach (var item in draft.Items)
        {
            var model = OvfDraft.Value(item, "ResourceSubType") ?? "";
            foreach (var (type, what, known, foreign) in s_models)
            {
                if (OvfDraft.TypeOf(item) != type || !foreign.Any(name => model.IndexOf(name, StringComparison.OrdinalIgnoreCase) >= 0))
                    continue;
                var problem = $"{what} '{OvfDraft.NameOf(item)}' of the model '{model}'";
                draft.Note(problem, $"{problem} changed to {known}");
                OvfDraft.Set(item, "ResourceSubType", known);
            }
        }
    }
}

namespace VmDeploy.Ova;

/// <summary>SATA controllers under VirtualBox's name <c>AHCI</c> get that of VMware.</summary>
internal sealed class SataControllers : IOvfAdaptation
{
    public const string Model = "vmware.sata.ahci";

    public const int Storage = 20;

    public void Apply(OvfDraft draft)
    {
        foreach (var item in draft.Items.Where(item => OvfDraft.TypeOf(item) == Storage))
        {
            var model = OvfDraft.Value(item, "ResourceSubType");
            if (model?.StartsWith("vmware.", StringComparison.OrdinalIgnoreCase) == true)
                continue;
            var isNvme = model?.IndexOf("nvme", StringComparison.OrdinalIgnoreCase) >= 0;
            var known = isNvme ? "vmware.nvme.controller" : Model;
            var problem = $"controller '{OvfDraft.NameOf(item)}' of the model '{model}'";
            draft.Note(problem, $"{problem} changed to {known}");
            OvfDraft.Set(item, "ResourceSubType", known);
        }
    }
}

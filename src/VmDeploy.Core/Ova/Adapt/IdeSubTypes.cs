namespace VmDeploy.Ova;

/// <summary>Models of IDE controllers (<c>PIIX4</c>), of which vCenter knows none, are removed.</summary>
internal sealed class IdeSubTypes : IOvfAdaptation
{
    public const int Ide = 5;

    public void Apply(OvfDraft draft)
    {
        foreach (var item in draft.Items.Where(item => OvfDraft.TypeOf(item) == Ide && OvfDraft.Value(item, "ResourceSubType") is not null))
        {
            var problem = $"model '{OvfDraft.Value(item, "ResourceSubType")}' of IDE controllers";
            draft.Note(problem, $"{problem} removed");
            item.Element(OvfDraft.Rasd + "ResourceSubType")!.Remove();
        }
    }
}

namespace VmDeploy.Ova;

/// <summary>Sound cards, which VirtualBox writes and hosts don't have, are removed.</summary>
internal sealed class SoundCards : IOvfAdaptation
{
    private const int SoundCard = 35;

    public void Apply(OvfDraft draft)
    {
        foreach (var item in draft.Items.Where(item => OvfDraft.TypeOf(item) == SoundCard))
        {
            var name = $"sound card '{OvfDraft.NameOf(item)}'";
            draft.Note(name, $"{name} removed");
            item.Remove();
        }
    }
}

namespace VmDeploy.Ova;

/// <summary>
/// An IDE controller takes two devices, and a VM has two controllers. Packages of Xen Orchestra have all disks on one; those
/// that don't fit move to a second one, and then to a SATA controller.
/// </summary>
internal sealed class CrowdedIde : IOvfAdaptation
{
    private const int PlacesOnIde = 2;
    private const int PlacesOnSata = 30;
    private const int MostIde = 2;
    private const int MostSata = 4;

    public void Apply(OvfDraft draft)
    {
        foreach (var hardware in draft.Hardware)
            Spread(draft, hardware);
    }

    private static void Spread(OvfDraft draft, XElement hardware)
    {
        var items = draft.ItemsOf(hardware).ToList();
        var used = Controllers(items, IdeSubTypes.Ide).ToDictionary(id => id, _ => new HashSet<int>());
        var homeless = new List<XElement>();
        foreach (var item in items.Where(item => OvfDraft.Value(item, "Parent") is { } parent && used.ContainsKey(parent)))
        {
            var places = used[OvfDraft.Value(item, "Parent")!];
            var place = OvfDraft.Number(item, "AddressOnParent") ?? FreePlace(places, PlacesOnIde) ?? PlacesOnIde;
            // The same device under another deployment option has the same place.
            if (place >= PlacesOnIde || (!places.Add(place) && draft.Attribute(item, "configuration") is null))
                homeless.Add(item);
        }
        if (homeless.Count == 0)
            return;

        var sata = Controllers(items, SataControllers.Storage, SataControllers.Model).ToDictionary(id => id, _ => new HashSet<int>());
        foreach (var item in items.Where(item => OvfDraft.Value(item, "Parent") is { } parent && sata.ContainsKey(parent)))
            sata[OvfDraft.Value(item, "Parent")!].Add(OvfDraft.Number(item, "AddressOnParent") ?? 0);
        foreach (var item in homeless)
        {
            if (!TryPlace(item, used, PlacesOnIde, MostIde, () => draft.AddItem(hardware, IdeSubTypes.Ide, $"IDE {used.Count}", ("Address", $"{used.Count}")))
                && !TryPlace(item, sata, PlacesOnSata, MostSata,
                    () => draft.AddItem(hardware, SataControllers.Storage, $"SATA controller {sata.Count}", ("Address", $"{sata.Count}"), ("ResourceSubType", SataControllers.Model))))
            {
                return;
            }
            var onSata = sata.ContainsKey(OvfDraft.Value(item, "Parent")!);
            var device = $"'{OvfDraft.NameOf(item)}'";
            draft.Note($"more than {PlacesOnIde} devices on an IDE controller", $"{device} moved to {(onSata ? "a SATA controller, for which its guest needs a driver" : "another IDE place")}");
        }
    }

    private static IEnumerable<string> Controllers(List<XElement> items, int type, string? model = null) => items
        .Where(item => OvfDraft.TypeOf(item) == type && (model is null || OvfDraft.Value(item, "ResourceSubType") == model))
        .Select(item => OvfDraft.Value(item, "InstanceID")).OfType<string>().Distinct();

    private static int? FreePlace(HashSet<int> used, int places) =>
        Enumerable.Range(0, places).Where(place => !used.Contains(place)).Select(place => (int?)place).FirstOrDefault();

    private static bool TryPlace(XElement item, Dictionary<string, HashSet<int>> controllers, int places, int most, Func<string> add)
    {
        if (controllers.Values.All(used => FreePlace(used, places) is null))
        {
            if (controllers.Count >= most)
                return false;
            controllers.Add(add(), []);
        }
        var (id, taken) = controllers.Select(controller => (controller.Key, controller.Value)).First(controller => FreePlace(controller.Value, places) is not null);
        var place = FreePlace(taken, places)!.Value;
        taken.Add(place);
        OvfDraft.Set(item, "Parent", id);
        OvfDraft.Set(item, "AddressOnParent", place.ToString(CultureInfo.InvariantCulture));
        return true;
    }
}

namespace VmDeploy.Ova;

/// <summary>A hardware family of another maker, or a version that the host does not have yet, becomes one that it has.</summary>
/// <param name="newest">The newest version of the host; null if it is not known.</param>
internal sealed class HardwareFamily(int? newest) : IOvfAdaptation
{
    // The version of ESXi 6.5: SATA, NVMe and secure boot. Packages of other products need nothing newer.
    private const int Common = 13;

    // The first with SATA controllers.
    private const int FirstWithSata = 10;

    private const string Prefix = "vmx-";

    public void Apply(OvfDraft draft)
    {
        foreach (var hardware in draft.Hardware)
        {
            if (hardware.Element(draft.Own + "System")?.Element(OvfDraft.Vssd + "VirtualSystemType") is { } type && type.Value.Trim().Length > 0)
                Apply(draft, hardware, type);
        }
    }

    private void Apply(OvfDraft draft, XElement hardware, XElement type)
    {
        var offered = OvfHardwareReader.SplitList(type.Value).ToList();
        var versions = offered.Select(Number).OfType<int>().ToList();
        var usable = versions.Where(version => newest is null || version <= newest).ToList();
        var needsSata = draft.ItemsOf(hardware).Any(item => OvfDraft.TypeOf(item) == SataControllers.Storage);
        if (usable.Count > 0 && (!needsSata || usable.Max() >= FirstWithSata))
            return;

        var known = Math.Min(newest ?? Common, versions.Count > 0 && usable.Count == 0 ? int.MaxValue : Common);
        var problem = usable.Count > 0 ? $"hardware version '{type.Value.Trim()}', which has no SATA controllers"
            : versions.Count > 0 ? $"hardware version '{type.Value.Trim()}', which is newer than the host's {Name(known)}"
            : $"hardware family '{type.Value.Trim()}'";
        if (known <= (usable.Count > 0 ? usable.Max() : 0))
            return;
        draft.Note(problem, $"hardware {(versions.Count > 0 ? "version" : "family")} '{type.Value.Trim()}' replaced by {Name(known)}");
        type.Value = Name(known);
    }

    private static string Name(int version) => Prefix + version.ToString("00", CultureInfo.InvariantCulture);

    private static int? Number(string family) =>
        family.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && int.TryParse(family.Substring(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

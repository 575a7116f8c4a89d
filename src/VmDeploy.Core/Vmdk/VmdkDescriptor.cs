using System.Text;

namespace VmDeploy.Vmdk;

/// <summary>The text that is embedded in a VMDK.</summary>
internal static class VmdkDescriptor
{
    private const int Heads = 255;
    private const int SectorsPerTrack = 63;
    private const int MostCylinders = 65535;

    /// <summary>The descriptor of a disk without a parent, filled up to its space.</summary>
    public static byte[] Create(long sectors, string name)
    {
        // As the products do: an id that changes with each writing.
        var contentId = (uint)Guid.NewGuid().GetHashCode() & 0xfffffffe;
        var cylinders = Math.Min(MostCylinders, sectors / (Heads * SectorsPerTrack));
        var text = string.Join("\n",
            "# Disk DescriptorFile", "version=1", "encoding=\"UTF-8\"", $"CID={contentId:x8}", "parentCID=ffffffff", "createType=\"streamOptimized\"", "",
            "# Extent description", $"RW {sectors} SPARSE \"{Quoted(name)}\"", "",
            "# The Disk Data Base", "#DDB", "",
            "ddb.virtualHWVersion = \"4\"", $"ddb.geometry.cylinders = \"{cylinders}\"", $"ddb.geometry.heads = \"{Heads}\"", $"ddb.geometry.sectors = \"{SectorsPerTrack}\"",
            "ddb.adapterType = \"lsilogic\"", "");
        var bytes = new byte[VmdkHeader.DescriptorSectors * VmdkHeader.SectorSize];
        Encoding.UTF8.GetBytes(text, 0, text.Length, bytes, 0);
        return bytes;
    }

    // Readers don't use the name; it must only not break the text or its space.
    private static string Quoted(string name)
    {
        const int longest = 255;
        var plain = new string(name.Select(c => c < ' ' || c > '~' || c == '"' ? '_' : c).ToArray());
        return plain.Length <= longest ? plain : plain.Substring(0, longest);
    }
}

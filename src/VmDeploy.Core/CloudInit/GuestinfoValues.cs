using System.IO.Compression;
using System.Text;

namespace VmDeploy.CloudInit;

/// <summary>The <c>guestinfo</c> variables from which cloud-init's VMware source reads its documents, compressed and in base64.</summary>
internal static class GuestinfoValues
{
    /// <summary>The longest value that the guest can read.</summary>
    public const int LongestValue = 64 << 10;

    private const string Encoding64 = "gzip+base64";

    /// <summary>All variables that the source reads.</summary>
    public static IReadOnlyList<string> Keys { get; } = new[] { "metadata", "userdata", "vendordata" }
        .SelectMany(document => new[] { $"guestinfo.{document}", $"guestinfo.{document}.encoding" }).ToList();

    /// <summary>The variables of one VM.</summary>
    /// <exception cref="VmDeployException"><c>CloudInitTooLarge</c>.</exception>
    public static IReadOnlyList<(string Key, string Value)> Encode(CloudInitDocuments documents)
    {
        var metaData = documents.MetaData;
        // In this source the network configuration is a key of the meta-data.
        if (documents.NetworkConfig is { } network)
            metaData = YamlText.WithKey(YamlText.WithKey(metaData, "network.encoding", Encoding64), "network", Encode(network));
        var values = new List<(string, string)>();
        foreach (var (key, name, text) in new[] { ("metadata", "meta-data", metaData), ("userdata", "user-data", documents.UserData), ("vendordata", "vendor-data", documents.VendorData) })
        {
            if (text is null)
                continue;
            var value = Encode(text);
            if (value.Length > LongestValue)
            {
                throw new VmDeployException(ErrorCodes.CloudInitTooLarge,
                    $"The {name} has {value.Length} bytes, compressed and encoded; a guestinfo variable holds {LongestValue}.", hint: ErrorHint.UseCloudInitDrive);
            }
            values.Add(($"guestinfo.{key}", value));
            values.Add(($"guestinfo.{key}.encoding", Encoding64));
        }
        return values;
    }

    private static string Encode(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            gzip.Write(bytes, 0, bytes.Length);
        }
        return Convert.ToBase64String(compressed.ToArray());
    }
}

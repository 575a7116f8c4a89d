using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>The drive from which cloud-init's NoCloud source reads its documents: a raw disk image, a FAT volume labeled <c>cidata</c>.</summary>
public static class NoCloudDrive
{
    /// <summary>The volume label by which cloud-init finds the drive.</summary>
    public const string VolumeLabel = "cidata";

    /// <summary>Bytes of the image.</summary>
    public const long Size = FatImage.Size;

    private static readonly string[] s_userDataStarts =
    [
        "#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "## template:", "Content-Type:", "MIME-Version:",
    ];

    /// <summary>Checks the documents before the VM is created.</summary>
    /// <exception cref="VmDeployException"><c>CloudInitUserDataNotRecognised</c>, <c>CloudInitNotAMapping</c> or <c>CloudInitTooLarge</c>.</exception>
    public static void Validate(CloudInitData data)
    {
        if (data.UserData is not null)
        {
            var userData = Normalize(data.UserData);
            if (!s_userDataStarts.Any(start => userData.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
            {
                throw new VmDeployException(ErrorCodes.CloudInitUserDataNotRecognised,
                    $"The user-data starts with '{Start(userData)}', which cloud-init doesn't recognize.");
            }
        }
        CheckMapping("meta-data", data.MetaData);
        CheckMapping("network-config", data.NetworkConfig);
        Build(data, "00000000-0000-0000-0000-000000000000", new string('x', 255));
    }

    /// <summary>Builds the image.</summary>
    /// <param name="data">The documents. Missing user-data is an empty configuration: cloud-init ignores a drive without it.</param>
    /// <param name="instanceId">Changes when cloud-init should treat the VM as new; the VM's uuid.</param>
    /// <param name="hostName">The guest's host name, unless the meta-data has one.</param>
    /// <exception cref="VmDeployException"><c>CloudInitTooLarge</c>.</exception>
    public static byte[] Build(CloudInitData data, string instanceId, string hostName)
    {
        var metaData = CompleteMetaData(data, instanceId, hostName);
        var files = new List<(string Name, byte[] Content)>
        {
            File("user-data", data.UserData ?? "#cloud-config\n{}\n"),
            File("meta-data", metaData),
        };
        if (data.NetworkConfig is not null)
            files.Add(File("network-config", data.NetworkConfig));
        var total = files.Sum(file => (long)file.Content.Length);
        if (total > FatImage.Capacity(files.Count))
        {
            throw new VmDeployException(ErrorCodes.CloudInitTooLarge,
                $"The cloud-init data takes {total} bytes; the drive holds {FatImage.Capacity(files.Count)}.");
        }
        return FatImage.Build(VolumeLabel, files);

        static (string, byte[]) File(string name, string text) => (name, Encoding.UTF8.GetBytes(Normalize(text)));
    }

    // The path of a missing file, given as text, has no key followed by a colon and a space or the end of a line.
    private static void CheckMapping(string what, string? text)
    {
        if (text is null || Normalize(text).TrimStart().StartsWith("{", StringComparison.Ordinal) || Regex.IsMatch(text, @"^[^#\s][^:\n]*:(\s|$)", RegexOptions.Multiline))
            return;
        throw new VmDeployException(ErrorCodes.CloudInitNotAMapping, $"The {what} starts with '{Start(text)}', which is not a YAML mapping.", text);
    }

    private static string Start(string text)
    {
        var firstLine = text.Split('\n')[0].Trim();
        return firstLine.Length > 40 ? firstLine.Substring(0, 40) + "..." : firstLine;
    }

    internal static string CompleteMetaData(CloudInitData data, string instanceId, string hostName) =>
        WithKey(WithKey(data.MetaData ?? "", "local-hostname", hostName), "instance-id", instanceId);

    // Windows editors leave a byte order mark and line ends that break scripts.
    internal static string Normalize(string text) => text.TrimStart('\ufeff').Replace("\r\n", "\n");

    // JSON is YAML in flow style, in which a key must go inside the braces.
    internal static string WithKey(string metaData, string key, string value)
    {
        if (Regex.IsMatch(metaData, $@"(^|[{{,])[ \t]*[""']?{key}[""']?[ \t]*:", RegexOptions.Multiline))
            return metaData;
        var brace = metaData.IndexOf('{');
        if (brace < 0 || metaData.Substring(0, brace).Trim().Length > 0)
            return $"{key}: \"{value}\"\n{metaData}";
        var rest = metaData.Substring(brace + 1);
        return $"{{\"{key}\": \"{value}\"{(rest.Trim() == "}" ? "" : ",")} {rest}";
    }
}

using System;
using System.Linq;
using System.Text;
using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>What cloud-init in the guest should find, as the texts of its NoCloud source.</summary>
public sealed record CloudInitConfig
{
    /// <summary>The volume label by which cloud-init finds the drive.</summary>
    public const string VolumeLabel = "cidata";

    private static readonly string[] s_userDataStarts =
    [
        "#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "## template:", "Content-Type:", "MIME-Version:",
    ];

    /// <summary>The user-data: a <c>#cloud-config</c> document, a script or a MIME archive.</summary>
    public string UserData { get; init; } = "#cloud-config\n{}\n";

    /// <summary>The meta-data in YAML or JSON; instance-id and local-hostname are added where they are missing.</summary>
    public string? MetaData { get; init; }

    /// <summary>The network-config in YAML or JSON, or null for the guest's default (DHCP).</summary>
    public string? NetworkConfig { get; init; }

    /// <summary>Checks what can be checked without the VM.</summary>
    /// <exception cref="VmDeployException"><c>CloudInitUserDataNotRecognised</c> or <c>CloudInitTooLarge</c>.</exception>
    public void Validate()
    {
        var userData = Normalize(UserData);
        if (!s_userDataStarts.Any(start => userData.StartsWith(start, StringComparison.OrdinalIgnoreCase)))
        {
            var firstLine = userData.Split('\n')[0].Trim();
            throw new VmDeployException(ErrorCodes.CloudInitUserDataNotRecognised,
                $"The user-data starts with '{(firstLine.Length > 40 ? firstLine.Substring(0, 40) + "..." : firstLine)}', which cloud-init does not recognise.");
        }
        BuildDrive("00000000-0000-0000-0000-000000000000", new string('x', 255));
    }

    /// <summary>Builds the drive: a raw disk image, a FAT volume labelled <see cref="VolumeLabel"/>.</summary>
    /// <param name="instanceId">Changes when cloud-init should treat the VM as new; the VM's uuid.</param>
    /// <param name="hostName">The guest's host name, unless the meta-data has one.</param>
    /// <exception cref="VmDeployException"><c>CloudInitTooLarge</c>.</exception>
    internal byte[] BuildDrive(string instanceId, string hostName)
    {
        var metaData = WithKey(WithKey(MetaData ?? "", "local-hostname", hostName), "instance-id", instanceId);
        (string Name, byte[] Content)[] files = NetworkConfig is null
            ? [File("user-data", UserData), File("meta-data", metaData)]
            : [File("user-data", UserData), File("meta-data", metaData), File("network-config", NetworkConfig)];
        long total = files.Sum(file => (long)file.Content.Length);
        if (total > FatImage.Capacity(files.Length))
        {
            throw new VmDeployException(ErrorCodes.CloudInitTooLarge,
                $"The cloud-init data takes {total} bytes; the drive holds {FatImage.Capacity(files.Length)}.");
        }
        return FatImage.Build(VolumeLabel, files);

        static (string, byte[]) File(string name, string text) => (name, Encoding.UTF8.GetBytes(Normalize(text)));
    }

    // Windows editors leave a byte order mark and line ends that break scripts.
    private static string Normalize(string text) => text.TrimStart('\ufeff').Replace("\r\n", "\n");

    // JSON is YAML in flow style, in which a key must go inside the braces.
    private static string WithKey(string metaData, string key, string value)
    {
        if (Regex.IsMatch(metaData, $@"(^|[{{,])\s*[""']?{key}[""']?\s*:", RegexOptions.Multiline))
            return metaData;
        var brace = metaData.IndexOf('{');
        if (brace < 0 || metaData.Substring(0, brace).Trim().Length > 0)
            return $"{key}: \"{value}\"\n{metaData}";
        var rest = metaData.Substring(brace + 1);
        return $"{{\"{key}\": \"{value}\"{(rest.Trim() == "}" ? "" : ",")} {rest}";
    }
}

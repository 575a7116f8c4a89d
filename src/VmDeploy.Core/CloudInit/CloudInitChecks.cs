using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>Checks cloud-init's documents before a VM is created. No message quotes more of a document than the key or the path that it begins with.</summary>
internal static class CloudInitChecks
{
    private const string AnyId = "7d1a94f2-6b3e-4c58-90d7-2fe8135ab6c4";

    private static readonly string[] s_userDataStarts =
    [
        "#cloud-config", "#!", "#include", "#cloud-boothook", "#part-handler", "## template:", "Content-Type:", "MIME-Version:",
    ];

    /// <summary>Refuses documents that cloud-init would ignore or that are too large, and a delivery that the hypervisor does not have.</summary>
    /// <exception cref="VmDeployException">
    /// <c>CloudInitUserDataNotRecognised</c>, <c>CloudInitNotAMapping</c>, <c>CloudInitTooLarge</c> or <c>NotSupportedByHost</c>.
    /// </exception>
    public static void Run(CloudInitData data, VmLimits limits, IReadOnlyList<string> names)
    {
        CheckStart("user-data", data.UserData);
        CheckStart("vendor-data", data.VendorData);
        CheckMapping("meta-data", data.MetaData);
        CheckMapping("network-config", data.NetworkConfig);
        if (data is { MetaData: { } metaData, NetworkConfig: not null } && YamlText.HasKey(YamlText.Normalize(metaData), "network"))
            throw new VmDeployException(ErrorCodes.ValueRefused, "The meta-data has the key 'network', and a network-config is also given.", "network");
        if (data.Via == CloudInitVia.Guestinfo && !limits.HasGuestinfo)
        {
            throw new VmDeployException(ErrorCodes.NotSupportedByHost, "This host has no guestinfo variables; cloud-init reads its documents from a drive here.", data.Via,
                hint: ErrorHint.UseCloudInitDrive);
        }
        var longest = names.OrderByDescending(name => name.Length).FirstOrDefault() ?? "";
        var documents = CloudInitDocuments.Create(data, longest, names.Count, AnyId);
        if (limits.HasGuestinfo && data.Via != CloudInitVia.Drive)
            GuestinfoValues.Encode(documents);
        else
            NoCloudDrive.BuildDisk(documents);
    }

    private static void CheckStart(string what, string? text)
    {
        if (text is null || s_userDataStarts.Any(start => YamlText.Normalize(text).StartsWith(start, StringComparison.OrdinalIgnoreCase)))
            return;
        throw new VmDeployException(ErrorCodes.CloudInitUserDataNotRecognised, $"The {what} starts with {Start(text)}, which cloud-init doesn't recognize.", what);
    }

    private static void CheckMapping(string what, string? text)
    {
        if (text is not null && !YamlText.IsMapping(YamlText.Normalize(text)))
            throw new VmDeployException(ErrorCodes.CloudInitNotAMapping, $"The {what} starts with {Start(text)}, which is not a YAML mapping.", what);
    }

    // A key of YAML, or a path. Anything else may be a secret.
    private static string Start(string text)
    {
        var line = YamlText.Normalize(text).Split('\n')[0].Trim();
        if (Regex.Match(line, @"^[\w.-]{1,40}:(?=\s|$)") is { Success: true } key)
            return $"'{key.Value}'";
        return line.Length <= 260 && Regex.IsMatch(line, @"^\S*[/\\][^:]*\.\w{1,5}$") ? $"'{line}'" : line.Length == 0 ? "an empty line" : "a line";
    }
}

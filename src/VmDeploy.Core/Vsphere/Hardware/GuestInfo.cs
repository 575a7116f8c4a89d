using System.Text;
using VmDeploy.CloudInit;

namespace VmDeploy.Vsphere;

/// <summary>What cloud-init's VMware source reads in the guest: <c>guestinfo</c> variables, base64 each.</summary>
internal static class GuestInfo
{
    /// <summary>The <c>extraConfig</c> entries. cloud-init treats a VM with another instance id as new.</summary>
    public static IEnumerable<XElement> Write(CloudInitData data, string instanceId, string hostName)
    {
        var metaData = NoCloudDrive.CompleteMetaData(data, instanceId, hostName);
        // In this source the network configuration is a key of the meta-data.
        if (data.NetworkConfig is { } network)
            metaData = NoCloudDrive.WithKey(NoCloudDrive.WithKey(metaData, "network.encoding", "base64"), "network", Encode(network));
        foreach ((var key, var text) in new[] { ("metadata", metaData), ("userdata", data.UserData ?? "#cloud-config\n{}\n") })
        {
            yield return ConfigSpec.Extra($"guestinfo.{key}", Encode(text));
            yield return ConfigSpec.Extra($"guestinfo.{key}.encoding", "base64");
        }
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(NoCloudDrive.Normalize(text)));
}

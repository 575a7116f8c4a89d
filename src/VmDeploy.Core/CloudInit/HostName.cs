using System.Text.RegularExpressions;

namespace VmDeploy.CloudInit;

/// <summary>
/// The host name made from a VM's name: each character but ASCII letters, digits, dots and hyphens becomes a hyphen, and each label
/// has 1 to 63 characters and no hyphen at its ends.
/// </summary>
internal static class HostName
{
    private const int LongestLabel = 63;

    /// <summary>Creates it.</summary>
    /// <param name="vm">The VM's name.</param>
    /// <param name="instanceId">Names a VM whose name has no usable character.</param>
    public static string From(string vm, string instanceId)
    {
        var labels = Regex.Replace(vm, "[^A-Za-z0-9.]+", "-").Split('.').Select(label => Short(label.Trim('-'), vm)).Where(label => label.Length > 0);
        return string.Join(".", labels) is { Length: > 0 } name ? name : $"vm-{instanceId.Substring(0, Math.Min(8, instanceId.Length))}";
    }

    // The names of many VMs may differ in their last characters only.
    private static string Short(string label, string vm) => label.Length <= LongestLabel ? label
        : $"{label.Substring(0, LongestLabel - 9).TrimEnd('-')}-{vm.Aggregate(2166136261, (hash, c) => (hash ^ c) * 16777619):x8}";
}

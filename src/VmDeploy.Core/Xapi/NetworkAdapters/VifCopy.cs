namespace VmDeploy.Xapi;

/// <summary>What a VIF takes over from another one in its place. A MAC address is given once, so a different one needs a new VIF.</summary>
internal static class VifCopy
{
    private static readonly HashSet<string> s_constructor =
    [
        "VM", "network", "device", "MAC", "MTU", "other_config", "qos_algorithm_type", "qos_algorithm_params", "locking_mode", "ipv4_allowed", "ipv6_allowed", "trunks",
    ];

    /// <summary>The constructor's arguments for a VIF like this one.</summary>
    public static Dictionary<string, object> Arguments(XapiRecord vif) =>
        vif.Fields.Where(field => s_constructor.Contains(field.Key)).ToDictionary(field => field.Key, field => field.Value);

    /// <summary>Gives a new VIF the addresses that the other one sets in the guest; the constructor doesn't take them.</summary>
    public static async Task ConfigureAsync(XapiClient client, string created, XapiRecord source)
    {
        foreach (var protocol in new[] { "ipv4", "ipv6" })
        {
            if (source.Text($"{protocol}_configuration_mode") == "Static" && source.List($"{protocol}_addresses") is { Count: > 0 } addresses)
                await client.CallAsync($"VIF.configure_{protocol}", CancellationToken.None, created, "Static", addresses[0], source.Text($"{protocol}_gateway"));
        }
    }
}

namespace VmDeploy.CloudInit;

/// <summary>cloud-init's documents for one VM, complete and with the placeholders replaced.</summary>
/// <param name="MetaData"><c>meta-data</c>, with <c>instance-id</c> and <c>local-hostname</c>.</param>
internal sealed record CloudInitDocuments(string MetaData)
{
    /// <summary><c>user-data</c>.</summary>
    public string? UserData { get; private init; }

    /// <summary><c>network-config</c>, without an outer <c>network</c> key.</summary>
    public string? NetworkConfig { get; private init; }

    /// <summary><c>vendor-data</c>.</summary>
    public string? VendorData { get; private init; }

    /// <summary>Creates the documents of one VM.</summary>
    /// <param name="data">The documents of all VMs.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="instanceId">Changes when cloud-init should treat the VM as new.</param>
    public static CloudInitDocuments Create(CloudInitData data, string vm, int number, string instanceId)
    {
        var hostName = HostName.From(vm, instanceId);
        var metaData = YamlText.WithKey(Fill(data.MetaData) ?? "", "instance-id", instanceId);
        return new CloudInitDocuments(YamlText.WithKey(metaData, "local-hostname", hostName))
        {
            UserData = Fill(data.UserData),
            NetworkConfig = Fill(data.NetworkConfig) is { } network ? YamlText.WithoutOuterKey(network, "network") : null,
            VendorData = Fill(data.VendorData),
        };

        string? Fill(string? text) => text is null ? null : Placeholders.Fill(YamlText.Normalize(text), vm, number, hostName);
    }

    /// <summary>Never the contents.</summary>
    public override string ToString() => nameof(CloudInitDocuments);
}

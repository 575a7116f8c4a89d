namespace VmDeploy;

/// <summary>The documents of cloud-init's NoCloud source, as text.</summary>
public sealed record CloudInitData
{
    /// <summary><c>user-data</c>.</summary>
    public string? UserData { get; init; }

    /// <summary><c>meta-data</c>; null for instance-id and local-hostname of the VM.</summary>
    public string? MetaData { get; init; }

    /// <summary><c>network-config</c>; null for none.</summary>
    public string? NetworkConfig { get; init; }
}

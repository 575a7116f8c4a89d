namespace VmDeploy;

/// <summary>How the guest gets its cloud-init documents.</summary>
public enum CloudInitVia
{
    /// <summary>Variables of the VM's configuration, which the guest reads through its tools (vSphere).</summary>
    Guestinfo,

    /// <summary>A small drive labeled <c>cidata</c>: an ISO on vSphere, a disk on XenServer.</summary>
    Drive,
}

/// <summary>
/// The documents for cloud-init in the guests, as text. In each, <c>{name}</c> stands for the VM's name, <c>{hostname}</c> for the
/// host name made from it, <c>{n}</c> and <c>{n:00}</c> for its number, and <c>{brace}</c> for an opening brace.
/// </summary>
public sealed record CloudInitData
{
    /// <summary><c>user-data</c>.</summary>
    public string? UserData { get; init; }

    /// <summary><c>meta-data</c>; <c>instance-id</c> and <c>local-hostname</c> are added if they are missing.</summary>
    public string? MetaData { get; init; }

    /// <summary><c>network-config</c>, version 1 or 2; null for the guest's default.</summary>
    public string? NetworkConfig { get; init; }

    /// <summary><c>vendor-data</c>; null for none.</summary>
    public string? VendorData { get; init; }

    /// <summary>How the guest gets them; null for the usual way of the hypervisor.</summary>
    public CloudInitVia? Via { get; init; }

    /// <summary>Which documents there are, never their contents.</summary>
    public override string ToString()
    {
        var given = new[] { ("user-data", UserData), ("meta-data", MetaData), ("network-config", NetworkConfig), ("vendor-data", VendorData) };
        return string.Join(" + ", given.Where(document => document.Item2 is not null).Select(document => document.Item1).DefaultIfEmpty("meta-data"));
    }
}

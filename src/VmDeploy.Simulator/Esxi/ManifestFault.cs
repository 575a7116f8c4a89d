namespace VmDeploy.Simulator.Esxi;

/// <summary>What is wrong with the manifest of a lease.</summary>
public enum ManifestFault
{
    /// <summary>It tells what was sent.</summary>
    None,

    /// <summary>Sizes differ from what was sent.</summary>
    OtherSize,

    /// <summary>SHA-256 digests differ from what was sent.</summary>
    OtherSha256,

    /// <summary>It has only SHA-1 digests, whatever was asked for, and they differ from what was sent.</summary>
    OtherSha1Only,

    /// <summary>The host has none.</summary>
    NotSupported,
}

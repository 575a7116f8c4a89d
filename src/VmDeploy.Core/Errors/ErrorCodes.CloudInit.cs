namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>cloud-init would ignore the user-data.</summary>
    public static readonly ErrorCode CloudInitUserDataNotRecognised = new(nameof(CloudInitUserDataNotRecognised), ErrorKind.InvalidData,
        "Start the text with '#cloud-config' for YAML or '#!' for a script; cloud-init silently ignores anything that it does not recognise.");

    /// <summary>More data than the configuration drive holds.</summary>
    public static readonly ErrorCode CloudInitTooLarge = new(nameof(CloudInitTooLarge), ErrorKind.LimitsExceeded,
        "Let the guest fetch large files itself, for example with '#include' and a URL.");

    /// <summary>Meta-data or network-config is not made of keys and values.</summary>
    public static readonly ErrorCode CloudInitNotAMapping = new(nameof(CloudInitNotAMapping), ErrorKind.InvalidData,
        "Give lines of 'key: value', JSON or a hashtable; what was meant as a file must be the path of one that exists.");
}

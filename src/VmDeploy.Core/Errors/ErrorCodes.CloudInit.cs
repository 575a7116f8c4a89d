namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>cloud-init would ignore the user-data or vendor-data.</summary>
    public static readonly ErrorCode CloudInitUserDataNotRecognised = new(nameof(CloudInitUserDataNotRecognised), ErrorKind.InvalidData);

    /// <summary>The documents don't fit on the drive, or into the guestinfo variables.</summary>
    public static readonly ErrorCode CloudInitTooLarge = new(nameof(CloudInitTooLarge), ErrorKind.LimitsExceeded);

    /// <summary>Meta-data or network-config does not consist of keys and values.</summary>
    public static readonly ErrorCode CloudInitNotAMapping = new(nameof(CloudInitNotAMapping), ErrorKind.InvalidData);
}

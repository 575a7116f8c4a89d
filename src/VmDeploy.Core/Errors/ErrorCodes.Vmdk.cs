namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>A disk image is inconsistent or ends too early.</summary>
    public static readonly ErrorCode VmdkDamaged = new(nameof(VmdkDamaged), ErrorKind.InvalidData);

    /// <summary>A disk image can't be read as a stream.</summary>
    public static readonly ErrorCode VmdkNotStreamOptimized = new(nameof(VmdkNotStreamOptimized), ErrorKind.InvalidData);

    /// <summary>The compressed data of a disk is more than the format can hold.</summary>
    public static readonly ErrorCode VmdkTooLarge = new(nameof(VmdkTooLarge), ErrorKind.LimitsExceeded);
}

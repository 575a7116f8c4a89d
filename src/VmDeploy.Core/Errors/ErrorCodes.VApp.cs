namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The request can't be carried out as one vApp: the package has a single VM, or VMs of the vApp already exist.</summary>
    public static readonly ErrorCode VAppNotPossible = new(nameof(VAppNotPossible), ErrorKind.InvalidArgument);
}

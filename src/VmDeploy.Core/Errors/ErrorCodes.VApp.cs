namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The request can't be carried out as one vApp: the package has a single VM or shared disks, or VMs of the vApp already exist; or only some of the VMs that share a disk exist.</summary>
    public static readonly ErrorCode VAppNotPossible = new(nameof(VAppNotPossible), ErrorKind.InvalidArgument);
}

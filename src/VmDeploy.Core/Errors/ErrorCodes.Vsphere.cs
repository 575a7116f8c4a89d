namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The account has no permission for this on that object (vSphere NoPermission and the like).</summary>
    public static readonly ErrorCode NoPermission = new(nameof(NoPermission), ErrorKind.PermissionDenied);

    /// <summary>The session was ended by the host and could not be renewed.</summary>
    public static readonly ErrorCode NotAuthenticated = new(nameof(NotAuthenticated), ErrorKind.AuthenticationError);

    /// <summary>A VM with this name already exists.</summary>
    public static readonly ErrorCode VmNameExists = new(nameof(VmNameExists), ErrorKind.ResourceExists);

    /// <summary>The source of a clone is running, and the hypervisor can only copy stopped VMs.</summary>
    public static readonly ErrorCode CloneSourceRunning = new(nameof(CloneSourceRunning), ErrorKind.InvalidOperation);

    /// <summary>Two VMs of one command would have the same name.</summary>
    public static readonly ErrorCode DuplicateVmName = new(nameof(DuplicateVmName), ErrorKind.InvalidArgument);

    /// <summary>The name is not valid on the host.</summary>
    public static readonly ErrorCode NameInvalid = new(nameof(NameInvalid), ErrorKind.InvalidArgument);

    /// <summary>A file on a datastore already exists.</summary>
    public static readonly ErrorCode FileExists = new(nameof(FileExists), ErrorKind.ResourceExists);

    /// <summary>A file on a datastore is missing.</summary>
    public static readonly ErrorCode HostFileNotFound = new(nameof(HostFileNotFound), ErrorKind.ObjectNotFound);

    /// <summary>A file is open elsewhere.</summary>
    public static readonly ErrorCode FileLocked = new(nameof(FileLocked), ErrorKind.ResourceBusy);

    /// <summary>The object was removed on the host.</summary>
    public static readonly ErrorCode ObjectGone = new(nameof(ObjectGone), ErrorKind.ObjectNotFound);

    /// <summary>The VM does not exist.</summary>
    public static readonly ErrorCode VmNotFound = new(nameof(VmNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The host does not support the operation (vSphere NotSupported).</summary>
    public static readonly ErrorCode NotSupportedByHost = new(nameof(NotSupportedByHost), ErrorKind.NotImplemented);

    /// <summary>The free licence of an ESXi host refuses changes (vSphere RestrictedVersion).</summary>
    public static readonly ErrorCode LicenceRestricted = new(nameof(LicenceRestricted), ErrorKind.PermissionDenied);

    /// <summary>Only its vCenter may change this host.</summary>
    public static readonly ErrorCode HostManagedByVCenter = new(nameof(HostManagedByVCenter), ErrorKind.PermissionDenied);

    /// <summary>No space left on a datastore.</summary>
    public static readonly ErrorCode DatastoreFull = new(nameof(DatastoreFull), ErrorKind.LimitsExceeded);

    /// <summary>Not enough memory or CPU.</summary>
    public static readonly ErrorCode InsufficientResources = new(nameof(InsufficientResources), ErrorKind.LimitsExceeded);

    /// <summary>A datastore does not allow new folders at its top level.</summary>
    public static readonly ErrorCode TopFolderUnsupported = new(nameof(TopFolderUnsupported), ErrorKind.NotImplemented);

    /// <summary>Linked clones depend on the disks of a VM that should be removed.</summary>
    public static readonly ErrorCode LinkedClonesDepend = new(nameof(LinkedClonesDepend), ErrorKind.ResourceBusy);

    /// <summary>Files of a removed VM could not be deleted.</summary>
    public static readonly ErrorCode VmFilesLeft = new(nameof(VmFilesLeft), ErrorKind.InvalidResult);

    /// <summary>The host ended a task because of its own time limit.</summary>
    public static readonly ErrorCode TaskTimedOut = new(nameof(TaskTimedOut), ErrorKind.OperationTimeout);

    /// <summary>A task that was cancelled, or whose start was not confirmed, does not end.</summary>
    public static readonly ErrorCode TaskStillRunning = new(nameof(TaskStillRunning), ErrorKind.OperationTimeout);

    /// <summary>The host waits for an answer to a question about the VM.</summary>
    public static readonly ErrorCode VmQuestionPending = new(nameof(VmQuestionPending), ErrorKind.ResourceBusy);

    /// <summary>The VM is in the wrong power state for the operation.</summary>
    public static readonly ErrorCode WrongPowerState = new(nameof(WrongPowerState), ErrorKind.InvalidOperation);

    /// <summary>The guest's tools are not running.</summary>
    public static readonly ErrorCode ToolsNotRunning = new(nameof(ToolsNotRunning), ErrorKind.InvalidOperation);

    /// <summary>The guest did not shut down in time.</summary>
    public static readonly ErrorCode GuestShutdownTimeout = new(nameof(GuestShutdownTimeout), ErrorKind.OperationTimeout);

    /// <summary>Another task works on the VM or file.</summary>
    public static readonly ErrorCode HostBusy = new(nameof(HostBusy), ErrorKind.ResourceBusy);

    /// <summary>The host found the request invalid.</summary>
    public static readonly ErrorCode RequestRefused = new(nameof(RequestRefused), ErrorKind.InvalidArgument);

    /// <summary>A task was cancelled on the host.</summary>
    public static readonly ErrorCode TaskCanceled = new(nameof(TaskCanceled), ErrorKind.InvalidOperation);

    /// <summary>The import lease ended before the upload.</summary>
    public static readonly ErrorCode LeaseExpired = new(nameof(LeaseExpired), ErrorKind.OperationTimeout);

    /// <summary>The host refused the OVF.</summary>
    public static readonly ErrorCode OvfRefused = new(nameof(OvfRefused), ErrorKind.InvalidData);

    /// <summary>An upload was refused by the host.</summary>
    public static readonly ErrorCode UploadRefused = new(nameof(UploadRefused), ErrorKind.InvalidResult);

    /// <summary>Any other fault of the host.</summary>
    public static readonly ErrorCode HostFault = new(nameof(HostFault), ErrorKind.InvalidResult);

    /// <summary>The datacenter does not exist.</summary>
    public static readonly ErrorCode DatacenterNotFound = new(nameof(DatacenterNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The datastore does not exist.</summary>
    public static readonly ErrorCode DatastoreNotFound = new(nameof(DatastoreNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The network does not exist.</summary>
    public static readonly ErrorCode NetworkNotFound = new(nameof(NetworkNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The host does not exist.</summary>
    public static readonly ErrorCode HostNotFound = new(nameof(HostNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The host is disconnected or in maintenance mode.</summary>
    public static readonly ErrorCode HostNotUsable = new(nameof(HostNotUsable), ErrorKind.InvalidOperation);

    /// <summary>The inventory has no such place.</summary>
    public static readonly ErrorCode PlaceNotFound = new(nameof(PlaceNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The VM folder does not exist.</summary>
    public static readonly ErrorCode FolderNotFound = new(nameof(FolderNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The resource pool does not exist.</summary>
    public static readonly ErrorCode ResourcePoolNotFound = new(nameof(ResourcePoolNotFound), ErrorKind.ObjectNotFound);

    /// <summary>Several places are possible, and none was chosen.</summary>
    public static readonly ErrorCode AmbiguousPlacement = new(nameof(AmbiguousPlacement), ErrorKind.InvalidArgument);

    /// <summary>The OVF has a licence agreement that was not accepted.</summary>
    public static readonly ErrorCode EulaNotAccepted = new(nameof(EulaNotAccepted), ErrorKind.InvalidOperation);

    /// <summary>The network map names a network that the OVF does not have.</summary>
    public static readonly ErrorCode OvfNetworkUnknown = new(nameof(OvfNetworkUnknown), ErrorKind.InvalidArgument);
}

namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The account may not do this on that object (vSphere NoPermission and the like).</summary>
    public static readonly ErrorCode NoPermission = new(nameof(NoPermission), ErrorKind.PermissionDenied,
        "Log in with an account that has the privilege, or have the role extended on that object.");

    /// <summary>The session was ended by the host and could not be renewed.</summary>
    public static readonly ErrorCode NotAuthenticated = new(nameof(NotAuthenticated), ErrorKind.AuthenticationError,
        "The host ended the session; connect again.");

    /// <summary>A VM or file of that name is there already.</summary>
    public static readonly ErrorCode VmNameExists = new(nameof(VmNameExists), ErrorKind.ResourceExists,
        "Choose another name, remove the VM that has it, or say with -ExistingVm what shall happen to it (Reuse or Replace).");

    /// <summary>The source of a clone runs, and the hypervisor can copy only VMs that don't.</summary>
    public static readonly ErrorCode CloneSourceRunning = new(nameof(CloneSourceRunning), ErrorKind.InvalidOperation,
        "Shut it down with Stop-VmInstance first, then clone; a vCenter can clone it while it runs.");

    /// <summary>Two VMs of one request would have the same name.</summary>
    public static readonly ErrorCode DuplicateVmName = new(nameof(DuplicateVmName), ErrorKind.InvalidArgument,
        "Give each VM a name of its own.");

    /// <summary>A name that the host can't take.</summary>
    public static readonly ErrorCode NameInvalid = new(nameof(NameInvalid), ErrorKind.InvalidArgument,
        "Use a name of 1 to 79 characters without slash, backslash or percent sign.");

    /// <summary>A file on a datastore exists already.</summary>
    public static readonly ErrorCode FileExists = new(nameof(FileExists), ErrorKind.ResourceExists,
        "Remove the file or choose another name; a folder left by an unregistered VM is the usual cause.");

    /// <summary>A file on a datastore is missing.</summary>
    public static readonly ErrorCode HostFileNotFound = new(nameof(HostFileNotFound), ErrorKind.ObjectNotFound,
        "Check the datastore path, names are case-sensitive; Send-VmDatastoreFile puts a file there.");

    /// <summary>A file is open elsewhere.</summary>
    public static readonly ErrorCode FileLocked = new(nameof(FileLocked), ErrorKind.ResourceBusy,
        "Another VM or host has the file open; power that VM off or detach the disk.");

    /// <summary>The object was removed on the host.</summary>
    public static readonly ErrorCode ObjectGone = new(nameof(ObjectGone), ErrorKind.ObjectNotFound,
        "It was removed meanwhile; read it again with Get-VmInstance.");

    /// <summary>No VM of that name or id.</summary>
    public static readonly ErrorCode VmNotFound = new(nameof(VmNotFound), ErrorKind.ObjectNotFound,
        "Get-VmInstance lists the VMs of the session.");

    /// <summary>The host can't do this at all (vSphere NotSupported).</summary>
    public static readonly ErrorCode NotSupportedByHost = new(nameof(NotSupportedByHost), ErrorKind.NotImplemented,
        "This product, version or hardware can't do it.");

    /// <summary>The free licence of an ESXi host refuses changes (vSphere RestrictedVersion).</summary>
    public static readonly ErrorCode LicenceRestricted = new(nameof(LicenceRestricted), ErrorKind.PermissionDenied,
        "The host's licence (the free one) lets the API read only. Assign a paid or evaluation licence.");

    /// <summary>The host takes orders from its vCenter only.</summary>
    public static readonly ErrorCode HostManagedByVCenter = new(nameof(HostManagedByVCenter), ErrorKind.PermissionDenied,
        "A vCenter manages this host: connect to that vCenter instead (or disconnect the host there first).");

    /// <summary>No space left on a datastore.</summary>
    public static readonly ErrorCode DatastoreFull = new(nameof(DatastoreFull), ErrorKind.LimitsExceeded,
        "Free space on the datastore, choose another with -Datastore, or use -DiskProvisioning Thin.");

    /// <summary>Not enough memory or CPU.</summary>
    public static readonly ErrorCode InsufficientResources = new(nameof(InsufficientResources), ErrorKind.LimitsExceeded,
        "Power off other VMs, lower CPU or memory, or choose another host.");

    /// <summary>A datastore that makes no folders at its top for us.</summary>
    public static readonly ErrorCode TopFolderUnsupported = new(nameof(TopFolderUnsupported), ErrorKind.NotImplemented,
        "Choose another datastore with -Datastore; for a file, make its folder in the datastore browser of the host first.");

    /// <summary>Linked clones hang on the disks of a VM that shall go.</summary>
    public static readonly ErrorCode LinkedClonesDepend = new(nameof(LinkedClonesDepend), ErrorKind.ResourceBusy,
        "Remove those linked clones first. -Force does not remove it either: the clones would lose their data.");

    /// <summary>Files of a removed VM that could not be deleted.</summary>
    public static readonly ErrorCode VmFilesLeft = new(nameof(VmFilesLeft), ErrorKind.InvalidResult,
        "Delete them in the datastore browser of the host.");

    /// <summary>A task that the host gave up after a time of its own.</summary>
    public static readonly ErrorCode TaskTimedOut = new(nameof(TaskTimedOut), ErrorKind.OperationTimeout,
        "The host itself gave the task up; its log and its task list tell why. Run the command again when it is less busy.");

    /// <summary>The host waits for an answer about the VM.</summary>
    public static readonly ErrorCode VmQuestionPending = new(nameof(VmQuestionPending), ErrorKind.ResourceBusy,
        "Answer it on the host: its web client shows the question on the page of the VM. The VM then powers on, or stays off if the answer says so; nothing was cancelled.");

    /// <summary>The VM is on, off or suspended, and should not be for this.</summary>
    public static readonly ErrorCode WrongPowerState = new(nameof(WrongPowerState), ErrorKind.InvalidOperation,
        "Start or stop the VM first.");

    /// <summary>The guest has no running tools.</summary>
    public static readonly ErrorCode ToolsNotRunning = new(nameof(ToolsNotRunning), ErrorKind.InvalidOperation,
        "The guest's tools do not run, so it can't be asked to shut down; Stop-VmInstance -Force powers it off.");

    /// <summary>The guest did not shut down in time.</summary>
    public static readonly ErrorCode GuestShutdownTimeout = new(nameof(GuestShutdownTimeout), ErrorKind.OperationTimeout,
        "Give it more time with -TimeoutSec, or power it off with -Force.");

    /// <summary>Another task works on the VM or file.</summary>
    public static readonly ErrorCode HostBusy = new(nameof(HostBusy), ErrorKind.ResourceBusy,
        "Another task works on the object; try again when it is done.");

    /// <summary>The host found the request invalid.</summary>
    public static readonly ErrorCode RequestRefused = new(nameof(RequestRefused), ErrorKind.InvalidArgument,
        "The message names what the host did not like; -Debug shows the call.");

    /// <summary>A task was cancelled on the host.</summary>
    public static readonly ErrorCode TaskCanceled = new(nameof(TaskCanceled), ErrorKind.InvalidOperation,
        "Somebody cancelled the task on the host; run the command again.");

    /// <summary>The import lease ended before the upload.</summary>
    public static readonly ErrorCode LeaseExpired = new(nameof(LeaseExpired), ErrorKind.OperationTimeout,
        "The host ended the import; check that it is reachable all the time and run the command again.");

    /// <summary>The host refused the OVF.</summary>
    public static readonly ErrorCode OvfRefused = new(nameof(OvfRefused), ErrorKind.InvalidData,
        "The OVF asks for something that this host can't give: another hardware version, device or section. Export it anew for this version.");

    /// <summary>An upload was refused by the host.</summary>
    public static readonly ErrorCode UploadRefused = new(nameof(UploadRefused), ErrorKind.InvalidResult,
        "The message holds the host's words; look at the host's log for more.");

    /// <summary>Any fault that has no row of its own.</summary>
    public static readonly ErrorCode HostFault = new(nameof(HostFault), ErrorKind.InvalidResult,
        "The message holds the host's words; the host's log and its task list tell more.");

    /// <summary>No datacenter of that name.</summary>
    public static readonly ErrorCode DatacenterNotFound = new(nameof(DatacenterNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists.");

    /// <summary>No datastore of that name.</summary>
    public static readonly ErrorCode DatastoreNotFound = new(nameof(DatastoreNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists.");

    /// <summary>No network of that name.</summary>
    public static readonly ErrorCode NetworkNotFound = new(nameof(NetworkNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists. For an OVA or a clone -NetworkMap 'network' takes it for all adapters, and -NetworkMap @{ 'its network' = 'network' } for some.");

    /// <summary>No host of that name.</summary>
    public static readonly ErrorCode HostNotFound = new(nameof(HostNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists.");

    /// <summary>The host is disconnected or in maintenance mode.</summary>
    public static readonly ErrorCode HostNotUsable = new(nameof(HostNotUsable), ErrorKind.InvalidOperation,
        "Choose another host, or connect it again and end its maintenance mode.");

    /// <summary>No VM folder of that name.</summary>
    public static readonly ErrorCode FolderNotFound = new(nameof(FolderNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists.");

    /// <summary>No resource pool of that name.</summary>
    public static readonly ErrorCode ResourcePoolNotFound = new(nameof(ResourcePoolNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists.");

    /// <summary>Several things fit and none was named.</summary>
    public static readonly ErrorCode AmbiguousPlacement = new(nameof(AmbiguousPlacement), ErrorKind.InvalidArgument,
        "Name one of those that the message lists.");

    /// <summary>The OVF has a licence that was not accepted.</summary>
    public static readonly ErrorCode EulaNotAccepted = new(nameof(EulaNotAccepted), ErrorKind.InvalidOperation,
        "Read it with (Get-VmOva <path>).Eula, then run the command again with -AcceptEula.");

    /// <summary>An OVF network is mapped that the OVF does not have.</summary>
    public static readonly ErrorCode OvfNetworkUnknown = new(nameof(OvfNetworkUnknown), ErrorKind.InvalidArgument,
        "Get-VmOva shows the OVF's networks.");
}

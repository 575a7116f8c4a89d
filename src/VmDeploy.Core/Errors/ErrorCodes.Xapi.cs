namespace VmDeploy;

// What only XenServer and XCP-ng can answer.
public static partial class ErrorCodes
{
    /// <summary>XenServer can't take a value (INVALID_VALUE, FIELD_TYPE_ERROR, control characters and the like).</summary>
    public static readonly ErrorCode ValueRefused = new(nameof(ValueRefused), ErrorKind.InvalidArgument,
        "The message names the value; correct it and run the command again.");

    /// <summary>A request that the host would answer by closing the connection.</summary>
    public static readonly ErrorCode RequestTooLarge = new(nameof(RequestTooLarge), ErrorKind.LimitsExceeded,
        "XenServer takes no call over 300 KiB: shorten the annotation or the properties.");

    /// <summary>The operation is blocked on this VM (XenServer OPERATION_BLOCKED).</summary>
    public static readonly ErrorCode OperationBlocked = new(nameof(OperationBlocked), ErrorKind.InvalidOperation,
        "Somebody has blocked this operation on the VM (its blocked operations); unblock it there first.");

    /// <summary>Something uses the disk (XenServer VDI_IN_USE).</summary>
    public static readonly ErrorCode DiskInUse = new(nameof(DiskInUse), ErrorKind.ResourceBusy,
        "Stop the VM that uses the disk, or wait until the import or backup of the disk has ended.");

    /// <summary>The storage of a XenServer failed (VDI_IO_ERROR and the failures of storage back ends).</summary>
    public static readonly ErrorCode StorageFailed = new(nameof(StorageFailed), ErrorKind.InvalidResult,
        "The storage repository failed: look at its free space and at /var/log/SMlog on the host.");

    /// <summary>The VLAN can't be made there (XenServer PIF_VLAN_EXISTS, VLAN_IN_USE and relatives).</summary>
    public static readonly ErrorCode VlanNotPossible = new(nameof(VlanNotPossible), ErrorKind.InvalidArgument,
        "Name a network with a physical uplink and a tag from 1 to 4094.");

    /// <summary>What should run is a template (XenServer VM_IS_TEMPLATE).</summary>
    public static readonly ErrorCode VmIsTemplate = new(nameof(VmIsTemplate), ErrorKind.InvalidOperation,
        "Make a VM of it first with New-VmFromTemplate.");

    /// <summary>The host has left the pool, or is not the master any more.</summary>
    public static readonly ErrorCode NotPoolMaster = new(nameof(NotPoolMaster), ErrorKind.InvalidOperation,
        "The pool has another master now; connect again.");

    /// <summary>The host starts, or is not to be reached by its pool (XenServer HOST_IS_STILL_BOOTING, HOST_NOT_LIVE and relatives).</summary>
    public static readonly ErrorCode HostNotReady = new(nameof(HostNotReady), ErrorKind.ConnectionError,
        "Wait until the host has started, or connect to another host of the pool.");

    /// <summary>No storage repository of that name.</summary>
    public static readonly ErrorCode StorageNotFound = new(nameof(StorageNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists, or a uuid from Get-VmDatastore.");

    /// <summary>No storage repository takes ISO files.</summary>
    public static readonly ErrorCode IsoStorageNotFound = new(nameof(IsoStorageNotFound), ErrorKind.ObjectNotFound,
        "Create a writable ISO repository on the host (xe sr-create type=iso ...), or put the ISO where an existing one finds it and give its name.");

    /// <summary>No ISO of that name in any ISO repository.</summary>
    public static readonly ErrorCode IsoNotFound = new(nameof(IsoNotFound), ErrorKind.ObjectNotFound,
        "Use one of the names that the message lists, or the path of a local file, which is uploaded.");

    /// <summary>A VM is gone, but one of its disks is not.</summary>
    public static readonly ErrorCode DiskNotRemoved = new(nameof(DiskNotRemoved), ErrorKind.InvalidResult,
        "The VM is gone; remove the disk that the message names on the host once nothing holds it any more.");
}

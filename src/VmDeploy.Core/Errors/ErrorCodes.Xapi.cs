namespace VmDeploy;

// Errors that only XenServer and XCP-ng report.
public static partial class ErrorCodes
{
    /// <summary>The host does not accept a value: control characters, or INVALID_VALUE, FIELD_TYPE_ERROR and the like of XenServer.</summary>
    public static readonly ErrorCode ValueRefused = new(nameof(ValueRefused), ErrorKind.InvalidArgument);

    /// <summary>The request is larger than the host accepts.</summary>
    public static readonly ErrorCode RequestTooLarge = new(nameof(RequestTooLarge), ErrorKind.LimitsExceeded);

    /// <summary>The operation is blocked on this VM (XenServer OPERATION_BLOCKED).</summary>
    public static readonly ErrorCode OperationBlocked = new(nameof(OperationBlocked), ErrorKind.InvalidOperation);

    /// <summary>The disk is in use (XenServer VDI_IN_USE).</summary>
    public static readonly ErrorCode DiskInUse = new(nameof(DiskInUse), ErrorKind.ResourceBusy);

    /// <summary>The storage of a XenServer failed (VDI_IO_ERROR and the failures of storage back ends).</summary>
    public static readonly ErrorCode StorageFailed = new(nameof(StorageFailed), ErrorKind.InvalidResult);

    /// <summary>The VLAN can't be created there (XenServer PIF_VLAN_EXISTS, VLAN_IN_USE and others).</summary>
    public static readonly ErrorCode VlanNotPossible = new(nameof(VlanNotPossible), ErrorKind.InvalidArgument);

    /// <summary>The VM is a template (XenServer VM_IS_TEMPLATE).</summary>
    public static readonly ErrorCode VmIsTemplate = new(nameof(VmIsTemplate), ErrorKind.InvalidOperation);

    /// <summary>The host left the pool, or another host is its master now.</summary>
    public static readonly ErrorCode NotPoolMaster = new(nameof(NotPoolMaster), ErrorKind.InvalidOperation);

    /// <summary>The host is starting, or its pool can't reach it (XenServer HOST_STILL_BOOTING, HOST_NOT_LIVE and others).</summary>
    public static readonly ErrorCode HostNotReady = new(nameof(HostNotReady), ErrorKind.ConnectionError);

    /// <summary>The storage repository does not exist.</summary>
    public static readonly ErrorCode StorageNotFound = new(nameof(StorageNotFound), ErrorKind.ObjectNotFound);

    /// <summary>No storage repository accepts ISO files.</summary>
    public static readonly ErrorCode IsoStorageNotFound = new(nameof(IsoStorageNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The ISO is in none of the ISO repositories.</summary>
    public static readonly ErrorCode IsoNotFound = new(nameof(IsoNotFound), ErrorKind.ObjectNotFound);

    /// <summary>A VM was removed, but one of its disks was not.</summary>
    public static readonly ErrorCode DiskNotRemoved = new(nameof(DiskNotRemoved), ErrorKind.InvalidResult);
}

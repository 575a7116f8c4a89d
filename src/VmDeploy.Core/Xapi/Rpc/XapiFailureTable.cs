namespace VmDeploy.Xapi;

/// <summary>From XenAPI's failure codes to the rows of the error table, with the names of their parameters.</summary>
internal static class XapiFailureTable
{
    private static readonly Row s_other = new(ErrorCodes.HostFault, []);

    private static readonly Dictionary<string, Row> s_rows = new(StringComparer.Ordinal)
    {
        ["SESSION_AUTHENTICATION_FAILED"] = new(ErrorCodes.LoginFailed, ["user", "reason"]),
        ["SESSION_AUTHORIZATION_FAILED"] = new(ErrorCodes.LoginFailed, ["user", "reason"]),
        ["SESSION_INVALID"] = new(ErrorCodes.NotAuthenticated, ["session"]),
        ["HOST_IS_SLAVE"] = new(ErrorCodes.NotPoolMaster, ["master"]),
        ["PERMISSION_DENIED"] = new(ErrorCodes.NoPermission, ["reason"]),
        ["RBAC_PERMISSION_DENIED"] = new(ErrorCodes.NoPermission, ["permission", "reason"]),
        ["USER_IS_NOT_LOCAL_SUPERUSER"] = new(ErrorCodes.NoPermission, ["reason"]),
        ["LICENCE_RESTRICTION"] = new(ErrorCodes.LicenceRestricted, ["feature"]),
        ["LICENSE_EXPIRED"] = new(ErrorCodes.LicenceRestricted, []),
        ["FEATURE_RESTRICTED"] = new(ErrorCodes.LicenceRestricted, []),
        ["CANNOT_CONTACT_HOST"] = new(ErrorCodes.HostNotReady, ["host"]),
        ["HOST_STILL_BOOTING"] = new(ErrorCodes.HostNotReady, []),
        ["HOST_OFFLINE"] = new(ErrorCodes.HostNotReady, ["host"]),
        ["HOST_NOT_LIVE"] = new(ErrorCodes.HostNotReady, []),
        ["HOST_IN_EMERGENCY_MODE"] = new(ErrorCodes.HostNotReady, []),
        ["HOST_DISABLED"] = new(ErrorCodes.HostNotUsable, ["host"]),
        ["NO_HOSTS_AVAILABLE"] = new(ErrorCodes.InsufficientResources, []),
        ["HOST_NOT_ENOUGH_FREE_MEMORY"] = new(ErrorCodes.InsufficientResources, ["needed", "available"]),
        ["HOST_NOT_ENOUGH_PCPUS"] = new(ErrorCodes.InsufficientResources, ["vCPUs", "pCPUs"]),
        ["HANDLE_INVALID"] = new(ErrorCodes.ObjectGone, ["class", "handle"]),
        ["OBJECT_NOLONGER_EXISTS"] = new(ErrorCodes.ObjectGone, []),
        ["UUID_INVALID"] = new(ErrorCodes.ObjectGone, ["class", "uuid"]),
        ["INVALID_VALUE"] = new(ErrorCodes.ValueRefused, ["field", "value"]),
        ["VALUE_NOT_SUPPORTED"] = new(ErrorCodes.ValueRefused, ["field", "value", "reason"]),
        ["FIELD_TYPE_ERROR"] = new(ErrorCodes.ValueRefused, ["field"]),
        ["MAC_INVALID"] = new(ErrorCodes.ValueRefused, ["MAC"]),
        ["INVALID_DEVICE"] = new(ErrorCodes.ValueRefused, ["device"]),
        ["MEMORY_CONSTRAINT_VIOLATION"] = new(ErrorCodes.HardwareInvalid, ["constraint"]),
        ["MEMORY_CONSTRAINT_VIOLATION_ORDER"] = new(ErrorCodes.HardwareInvalid, []),
        ["VM_MEMORY_SIZE_TOO_LOW"] = new(ErrorCodes.HardwareInvalid, ["vm"]),
        ["VM_TOO_MANY_VCPUS"] = new(ErrorCodes.HardwareInvalid, ["vm"]),
        ["MESSAGE_METHOD_UNKNOWN"] = new(ErrorCodes.NotSupportedByHost, ["method"]),
        ["MESSAGE_PARAMETER_COUNT_MISMATCH"] = new(ErrorCodes.NotSupportedByHost, ["method", "expected", "received"]),
        ["MESSAGE_REMOVED"] = new(ErrorCodes.NotSupportedByHost, []),
        ["NOT_IMPLEMENTED"] = new(ErrorCodes.NotSupportedByHost, ["function"]),
        ["SR_OPERATION_NOT_SUPPORTED"] = new(ErrorCodes.NotSupportedByHost, ["sr"]),
        ["VM_BAD_POWER_STATE"] = new(ErrorCodes.WrongPowerState, ["vm", "expected", "actual"]),
        ["VM_IS_TEMPLATE"] = new(ErrorCodes.VmIsTemplate, ["vm"]),
        ["VM_LACKS_FEATURE"] = new(ErrorCodes.ToolsNotRunning, ["vm"]),
        ["VM_LACKS_FEATURE_SHUTDOWN"] = new(ErrorCodes.ToolsNotRunning, ["vm"]),
        ["VM_MISSING_PV_DRIVERS"] = new(ErrorCodes.ToolsNotRunning, ["vm"]),
        ["VM_NON_SUSPENDABLE"] = new(ErrorCodes.ToolsNotRunning, ["vm", "reason"]),
        ["VM_FAILED_SUSPEND_ACKNOWLEDGMENT"] = new(ErrorCodes.GuestShutdownTimeout, ["vm"]),
        ["VM_SUSPEND_TIMEOUT"] = new(ErrorCodes.GuestShutdownTimeout, ["vm", "timeout"]),
        ["VM_NO_SUSPEND_SR"] = new(ErrorCodes.StorageNotFound, ["vm"]),
        ["SR_SUSPEND_SPACE_INSUFFICIENT"] = new(ErrorCodes.DatastoreFull, ["sr"]),
        ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"] = new(ErrorCodes.GuestShutdownTimeout, ["vm"]),
        ["VM_SHUTDOWN_TIMEOUT"] = new(ErrorCodes.GuestShutdownTimeout, ["vm", "timeout"]),
        ["VM_REQUIRES_SR"] = new(ErrorCodes.HostNotUsable, ["vm", "sr"]),
        ["VM_REQUIRES_NETWORK"] = new(ErrorCodes.HostNotUsable, ["vm", "network"]),
        ["VM_CANNOT_DELETE_DEFAULT_TEMPLATE"] = new(ErrorCodes.RequestRefused, ["vm"]),
        ["OPERATION_BLOCKED"] = new(ErrorCodes.OperationBlocked, ["vm", "reason"]),
        ["OPERATION_NOT_ALLOWED"] = new(ErrorCodes.RequestRefused, ["reason"]),
        ["PROVISION_ONLY_ALLOWED_ON_TEMPLATE"] = new(ErrorCodes.RequestRefused, []),
        ["OTHER_OPERATION_IN_PROGRESS"] = new(ErrorCodes.HostBusy, ["class", "object", "operation", "task"]),
        ["TOO_MANY_PENDING_TASKS"] = new(ErrorCodes.HostBusy, []),
        ["TOO_BUSY"] = new(ErrorCodes.HostBusy, []),
        ["TASK_CANCELLED"] = new(ErrorCodes.TaskCanceled, ["task"]),
        ["SR_FULL"] = new(ErrorCodes.DatastoreFull, ["requested", "maximum"]),
        ["SR_BACKEND_FAILURE_44"] = new(ErrorCodes.DatastoreFull, ["status", "output", "error"]),
        ["PROVISION_FAILED_OUT_OF_SPACE"] = new(ErrorCodes.DatastoreFull, []),
        ["SR_SOURCE_SPACE_INSUFFICIENT"] = new(ErrorCodes.DatastoreFull, ["sr"]),
        ["SR_BACKEND_FAILURE"] = new(ErrorCodes.StorageFailed, ["status", "output", "error"]),
        ["SR_NOT_ATTACHED"] = new(ErrorCodes.StorageFailed, ["sr"]),
        ["SR_HAS_NO_PBDS"] = new(ErrorCodes.StorageFailed, ["sr"]),
        ["VDI_IO_ERROR"] = new(ErrorCodes.StorageFailed, ["reason"]),
        ["VDI_IN_USE"] = new(ErrorCodes.DiskInUse, ["vdi", "operation"]),
        ["VDI_NOT_AVAILABLE"] = new(ErrorCodes.DiskInUse, ["vdi"]),
        ["VDI_READONLY"] = new(ErrorCodes.RequestRefused, ["vdi"]),
        ["VDI_TOO_LARGE"] = new(ErrorCodes.HardwareInvalid, ["vdi", "maximum size"]),
        ["VDI_TOO_SMALL"] = new(ErrorCodes.HardwareInvalid, ["vdi", "minimum size"]),
        ["VBD_TRAY_LOCKED"] = new(ErrorCodes.CdromLocked, ["vbd"]),
        ["VBD_IS_EMPTY"] = new(ErrorCodes.RequestRefused, ["vbd"]),
        ["VBD_NOT_EMPTY"] = new(ErrorCodes.RequestRefused, ["vbd"]),
        ["VBD_CDS_MUST_BE_READONLY"] = new(ErrorCodes.RequestRefused, []),
        ["VBD_NOT_REMOVABLE_MEDIA"] = new(ErrorCodes.RequestRefused, ["vbd"]),
        ["DEVICE_DETACH_REJECTED"] = new(ErrorCodes.DeviceInUse, ["type", "device", "reason"]),
        ["DEVICE_DETACH_TIMEOUT"] = new(ErrorCodes.DeviceInUse, ["type", "device"]),
        ["DEVICE_ALREADY_EXISTS"] = new(ErrorCodes.RequestRefused, ["device"]),
        ["VLAN_TAG_INVALID"] = new(ErrorCodes.VlanNotPossible, ["tag"]),
        ["VLAN_IN_USE"] = new(ErrorCodes.VlanNotPossible, ["device", "tag"]),
        ["PIF_VLAN_EXISTS"] = new(ErrorCodes.VlanNotPossible, ["pif"]),
        ["PIF_IS_VLAN"] = new(ErrorCodes.VlanNotPossible, ["pif"]),
        ["NETWORK_ALREADY_CONNECTED"] = new(ErrorCodes.VlanNotPossible, ["host", "pif"]),
    };

    public static Row Find(string failure) =>
        s_rows.TryGetValue(failure, out var row) ? row
        : failure.StartsWith("SR_BACKEND_FAILURE_", StringComparison.Ordinal) ? s_rows["SR_BACKEND_FAILURE"]
        : s_other;

    public static IReadOnlyDictionary<string, Row> All => s_rows;

    public sealed record Row(ErrorCode Code, IReadOnlyList<string> Parameters);
}

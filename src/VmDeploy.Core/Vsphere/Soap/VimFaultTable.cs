namespace VmDeploy.Vsphere;

internal static class VimFaultTable
{
    private static readonly Dictionary<string, ErrorCode> s_codes = new(StringComparer.Ordinal)
    {
        ["InvalidLogin"] = ErrorCodes.LoginFailed,
        ["NoPermission"] = ErrorCodes.NoPermission,
        ["NotAuthenticated"] = ErrorCodes.NotAuthenticated,
        ["DuplicateName"] = ErrorCodes.VmNameExists,
        ["AlreadyExists"] = ErrorCodes.VmNameExists,
        ["FileAlreadyExists"] = ErrorCodes.FileExists,
        ["FileNotFound"] = ErrorCodes.HostFileNotFound,
        ["FileLocked"] = ErrorCodes.FileLocked,
        ["ManagedObjectNotFound"] = ErrorCodes.ObjectGone,
        ["NotSupported"] = ErrorCodes.NotSupportedByHost,
        ["RestrictedVersion"] = ErrorCodes.LicenceRestricted,
        ["LicenseRestricted"] = ErrorCodes.LicenceRestricted,
        ["HostAccessRestrictedToManagementServer"] = ErrorCodes.HostManagedByVCenter,
        ["NoDiskSpace"] = ErrorCodes.DatastoreFull,
        ["InsufficientStorageSpace"] = ErrorCodes.DatastoreFull,
        ["InsufficientResourcesFault"] = ErrorCodes.InsufficientResources,
        ["InsufficientMemoryResourcesFault"] = ErrorCodes.InsufficientResources,
        ["InsufficientCpuResourcesFault"] = ErrorCodes.InsufficientResources,
        ["InvalidPowerState"] = ErrorCodes.WrongPowerState,
        ["ToolsUnavailable"] = ErrorCodes.ToolsNotRunning,
        ["TaskInProgress"] = ErrorCodes.HostBusy,
        ["ResourceInUse"] = ErrorCodes.HostBusy,
        ["InvalidRequest"] = ErrorCodes.RequestRefused,
        ["InvalidArgument"] = ErrorCodes.RequestRefused,
        ["InvalidDeviceSpec"] = ErrorCodes.RequestRefused,
        ["InvalidDeviceBacking"] = ErrorCodes.RequestRefused,
        ["InvalidDeviceOperation"] = ErrorCodes.RequestRefused,
        ["TooManyDevices"] = ErrorCodes.RequestRefused,
        ["DeviceUnsupportedForVmPlatform"] = ErrorCodes.HardwareInvalid,
        ["DeviceUnsupportedForVmVersion"] = ErrorCodes.HardwareInvalid,
        ["DeviceHotPlugNotSupported"] = ErrorCodes.HardwareNeedsPowerOff,
        ["CpuHotPlugNotSupported"] = ErrorCodes.HardwareNeedsPowerOff,
        ["MemoryHotPlugNotSupported"] = ErrorCodes.HardwareNeedsPowerOff,
        ["Timedout"] = ErrorCodes.TaskTimedOut,
        ["RequestCanceled"] = ErrorCodes.TaskCanceled,
        ["InvalidName"] = ErrorCodes.NameInvalid,
    };

    public static ErrorCode CodeOf(string type) =>
        s_codes.TryGetValue(type, out var code) ? code
        : type.StartsWith("Ovf", StringComparison.Ordinal) ? ErrorCodes.OvfRefused : ErrorCodes.HostFault;

    public static bool IsTransient(string type) => type is "TaskInProgress" or "ResourceInUse" or "HostCommunication";

    /// <summary>Hosts report two conditions with general fault types too; only the text identifies them.</summary>
    public static string TypeOf(string type, string message) =>
        message.IndexOf("restricted to the server that is managing it", StringComparison.OrdinalIgnoreCase) >= 0
            ? "HostAccessRestrictedToManagementServer"
            : message.IndexOf("prohibits execution of the requested operation", StringComparison.OrdinalIgnoreCase) >= 0
                ? "RestrictedVersion"
                : type;
}

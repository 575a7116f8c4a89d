namespace VmDeploy.Vsphere;

/// <summary>Children of <c>VirtualMachineConfigSpec</c> in schema order, from the first one that we ever insert.</summary>
internal static class ConfigSpecOrder
{
    public static readonly string[] Names =
    [
        "name", "version", "createDate", "uuid", "instanceUuid", "npivNodeWorldWideName", "npivPortWorldWideName", "npivWorldWideNameType",
        "npivDesiredNodeWwns", "npivDesiredPortWwns", "npivTemporaryDisabled", "npivOnNonRdmDisks", "npivWorldWideNameOp", "locationId",
        "guestId", "alternateGuestName", "annotation", "files", "tools", "flags", "consolePreferences", "powerOpInfo", "rebootPowerOff",
        "numCPUs", "vcpuConfig", "numCoresPerSocket", "memoryMB", "memoryHotAddEnabled", "cpuHotAddEnabled", "cpuHotRemoveEnabled",
        "virtualICH7MPresent", "virtualSMCPresent", "deviceChange", "cpuAllocation", "memoryAllocation", "latencySensitivity",
        "cpuAffinity", "memoryAffinity", "networkShaper", "cpuFeatureMask", "extraConfig", "swapPlacement", "bootOptions", "vAppConfig",
        "ftInfo", "repConfig", "vAppConfigRemoved", "vAssertsEnabled", "changeTrackingEnabled", "firmware", "maxMksConnections",
        "guestAutoLockEnabled", "managedBy", "memoryReservationLockedToMax", "nestedHVEnabled", "vPMCEnabled",
        "scheduledHardwareUpgradeInfo", "vmProfile", "messageBusTunnelEnabled", "crypto", "migrateEncryption", "sgxInfo",
        "ftEncryptionMode", "guestMonitoringModeInfo", "sevEnabled", "virtualNuma", "motherboardLayout", "pmemFailoverEnabled",
        "vmxStatsCollectionEnabled", "vmOpNotificationToAppEnabled", "vmOpNotificationTimeout", "deviceSwap", "simultaneousThreads",
        "pmem", "deviceGroups", "fixedPassthruHotPlugEnabled", "metroFtEnabled", "metroFtHostGroup", "tdxEnabled", "sevSnpEnabled",
    ];
}

namespace VmDeploy;

// Errors of VMs and their parts on every hypervisor.
public static partial class ErrorCodes
{
    /// <summary>The VM did not reach the awaited condition in time.</summary>
    public static readonly ErrorCode WaitTimeout = new(nameof(WaitTimeout), ErrorKind.OperationTimeout);

    /// <summary>A local file does not exist.</summary>
    public static readonly ErrorCode LocalFileNotFound = new(nameof(LocalFileNotFound), ErrorKind.ObjectNotFound);

    /// <summary>A local file can't be read.</summary>
    public static readonly ErrorCode LocalFileUnreadable = new(nameof(LocalFileUnreadable), ErrorKind.ReadError);

    /// <summary>A local file is not a valid ISO image.</summary>
    public static readonly ErrorCode IsoUnreadable = new(nameof(IsoUnreadable), ErrorKind.InvalidData);

    /// <summary>The host has a different file of that name.</summary>
    public static readonly ErrorCode FileDiffers = new(nameof(FileDiffers), ErrorKind.ResourceExists);

    /// <summary>A path on a datastore is not valid.</summary>
    public static readonly ErrorCode DatastorePathInvalid = new(nameof(DatastorePathInvalid), ErrorKind.InvalidArgument);

    /// <summary>The host has no such physical CD-ROM drive.</summary>
    public static readonly ErrorCode HostDriveNotFound = new(nameof(HostDriveNotFound), ErrorKind.ObjectNotFound);

    /// <summary>No slot is free for another CD-ROM drive.</summary>
    public static readonly ErrorCode CdromSlotsFull = new(nameof(CdromSlotsFull), ErrorKind.LimitsExceeded);

    /// <summary>A CD-ROM drive can't be added or removed while the VM is running.</summary>
    public static readonly ErrorCode CdromNeedsPowerOff = new(nameof(CdromNeedsPowerOff), ErrorKind.InvalidOperation);

    /// <summary>The CD-ROM drive no longer exists.</summary>
    public static readonly ErrorCode CdromNotFound = new(nameof(CdromNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The guest has locked the drive.</summary>
    public static readonly ErrorCode CdromLocked = new(nameof(CdromLocked), ErrorKind.ResourceBusy);

    /// <summary>An IDE master can't be removed while it has a slave.</summary>
    public static readonly ErrorCode CdromHasSlave = new(nameof(CdromHasSlave), ErrorKind.InvalidOperation);

    /// <summary>The hypervisor does not know the guest id.</summary>
    public static readonly ErrorCode GuestIdUnknown = new(nameof(GuestIdUnknown), ErrorKind.InvalidArgument);

    /// <summary>CPUs, memory, disks or firmware are outside the limits.</summary>
    public static readonly ErrorCode HardwareInvalid = new(nameof(HardwareInvalid), ErrorKind.InvalidArgument);

    /// <summary>A MAC address is not valid for an adapter.</summary>
    public static readonly ErrorCode MacAddressInvalid = new(nameof(MacAddressInvalid), ErrorKind.InvalidArgument);

    /// <summary>The hardware of a VM can't be changed in this way while the VM is running or suspended.</summary>
    public static readonly ErrorCode HardwareNeedsPowerOff = new(nameof(HardwareNeedsPowerOff), ErrorKind.InvalidOperation);

    /// <summary>The disk does not exist.</summary>
    public static readonly ErrorCode DiskNotFound = new(nameof(DiskNotFound), ErrorKind.ObjectNotFound);

    /// <summary>No place is free for another disk.</summary>
    public static readonly ErrorCode DiskSlotsFull = new(nameof(DiskSlotsFull), ErrorKind.LimitsExceeded);

    /// <summary>The place for a disk is in use, or does not exist.</summary>
    public static readonly ErrorCode DiskSlotInvalid = new(nameof(DiskSlotInvalid), ErrorKind.InvalidArgument);

    /// <summary>The disk is the child of a snapshot's disk or of another VM's, and can't be changed or deleted alone.</summary>
    public static readonly ErrorCode DiskHasParent = new(nameof(DiskHasParent), ErrorKind.InvalidOperation);

    /// <summary>The guest does not release a device.</summary>
    public static readonly ErrorCode DeviceInUse = new(nameof(DeviceInUse), ErrorKind.ResourceBusy);

    /// <summary>The network adapter does not exist.</summary>
    public static readonly ErrorCode NetworkAdapterNotFound = new(nameof(NetworkAdapterNotFound), ErrorKind.ObjectNotFound);

    /// <summary>No place is free for another network adapter.</summary>
    public static readonly ErrorCode NetworkAdapterSlotsFull = new(nameof(NetworkAdapterSlotsFull), ErrorKind.LimitsExceeded);

    /// <summary>The template does not exist.</summary>
    public static readonly ErrorCode TemplateNotFound = new(nameof(TemplateNotFound), ErrorKind.ObjectNotFound);

    /// <summary>A VM uses the file.</summary>
    public static readonly ErrorCode FileInUse = new(nameof(FileInUse), ErrorKind.InvalidOperation);

    /// <summary>The local file already exists.</summary>
    public static readonly ErrorCode LocalFileExists = new(nameof(LocalFileExists), ErrorKind.ResourceExists);

    /// <summary>The local file can't be written.</summary>
    public static readonly ErrorCode LocalFileNotWritable = new(nameof(LocalFileNotWritable), ErrorKind.WriteError);

    /// <summary>The folder is not empty.</summary>
    public static readonly ErrorCode FolderNotEmpty = new(nameof(FolderNotEmpty), ErrorKind.InvalidOperation);

    /// <summary>The download is incomplete.</summary>
    public static readonly ErrorCode DownloadFailed = new(nameof(DownloadFailed), ErrorKind.InvalidResult);
}

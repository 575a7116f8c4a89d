namespace VmDeploy;

// What can go wrong with a VM and its parts on every hypervisor.
public static partial class ErrorCodes
{
    /// <summary>What was waited for did not happen in time.</summary>
    public static readonly ErrorCode WaitTimeout = new(nameof(WaitTimeout), ErrorKind.OperationTimeout,
        "Give it more time with -TimeoutSec; for tools or an address, look at the guest's console and whether its tools are installed.");

    /// <summary>A local file that is to be sent does not exist.</summary>
    public static readonly ErrorCode LocalFileNotFound = new(nameof(LocalFileNotFound), ErrorKind.ObjectNotFound,
        "Check the path. A file that lies on the host already is written '[datastore] folder/file.iso'.");

    /// <summary>A local file can't be read.</summary>
    public static readonly ErrorCode LocalFileUnreadable = new(nameof(LocalFileUnreadable), ErrorKind.ReadError,
        "Check the rights on the file and that no other program writes to it.");

    /// <summary>A local file that is to be a CD, and is none.</summary>
    public static readonly ErrorCode IsoUnreadable = new(nameof(IsoUnreadable), ErrorKind.InvalidData,
        "Give an .iso file. A download that broke off, a disk image (.img, .vmdk) or a raw CD image (.bin) is none.");

    /// <summary>The host has another file of that name.</summary>
    public static readonly ErrorCode FileDiffers = new(nameof(FileDiffers), ErrorKind.ResourceExists,
        "Overwrite it with Send-VmDatastoreFile -Force, or send the file under another name with -Destination.");

    /// <summary>A path on a datastore that can't be one.</summary>
    public static readonly ErrorCode DatastorePathInvalid = new(nameof(DatastorePathInvalid), ErrorKind.InvalidArgument,
        "Write it '[datastore] folder/file'.");

    /// <summary>The host has no physical CD-ROM drive, or none of that name.</summary>
    public static readonly ErrorCode HostDriveNotFound = new(nameof(HostDriveNotFound), ErrorKind.ObjectNotFound,
        "Use an ISO file instead, or one of the drives that the message lists.");

    /// <summary>No slot is free for another CD-ROM drive.</summary>
    public static readonly ErrorCode CdromSlotsFull = new(nameof(CdromSlotsFull), ErrorKind.LimitsExceeded,
        "Take a drive away with Remove-VmCdrom, put the medium into one that is there with Set-VmCdrom, or use the other bus.");

    /// <summary>A drive can't be added to or taken from a running VM.</summary>
    public static readonly ErrorCode CdromNeedsPowerOff = new(nameof(CdromNeedsPowerOff), ErrorKind.InvalidOperation,
        "Stop the VM first with Stop-VmInstance. The medium of a drive that is there can be changed while it runs, with Set-VmCdrom.");

    /// <summary>The drive is not there any more.</summary>
    public static readonly ErrorCode CdromNotFound = new(nameof(CdromNotFound), ErrorKind.ObjectNotFound,
        "Get-VmCdrom lists the drives of the VM.");

    /// <summary>The guest has locked the drive.</summary>
    public static readonly ErrorCode CdromLocked = new(nameof(CdromLocked), ErrorKind.ResourceBusy,
        "Eject the medium in the guest first, or use -Force to take it out anyway.");

    /// <summary>An IDE master can't be taken away from under its slave.</summary>
    public static readonly ErrorCode CdromHasSlave = new(nameof(CdromHasSlave), ErrorKind.InvalidOperation,
        "A VM does not power on with an IDE slave that has no master: remove the slave first, or empty this drive with Set-VmCdrom.");

    /// <summary>The hypervisor does not know the guest id.</summary>
    public static readonly ErrorCode GuestIdUnknown = new(nameof(GuestIdUnknown), ErrorKind.InvalidArgument,
        "Use one of the ids that the message lists, or otherGuest64.");

    /// <summary>CPUs, memory, disks or firmware that no VM can have.</summary>
    public static readonly ErrorCode HardwareInvalid = new(nameof(HardwareInvalid), ErrorKind.InvalidArgument,
        "The message names the limit.");

    /// <summary>No template of that name.</summary>
    public static readonly ErrorCode TemplateNotFound = new(nameof(TemplateNotFound), ErrorKind.ObjectNotFound,
        "Get-VmTemplate lists the templates.");
}

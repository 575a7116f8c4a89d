namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>An action must be confirmed, and nobody can be asked.</summary>
    public static readonly ErrorCode ConfirmationNotPossible = new(nameof(ConfirmationNotPossible), ErrorKind.InvalidOperation);

    /// <summary>An unexpected failure: a bug.</summary>
    public static readonly ErrorCode UnexpectedFailure = new(nameof(UnexpectedFailure), ErrorKind.InvalidOperation);

    /// <summary>The server is not a valid host name or address.</summary>
    public static readonly ErrorCode ServerNameInvalid = new(nameof(ServerNameInvalid), ErrorKind.InvalidArgument);

    /// <summary>One file is needed, and the wildcards match several.</summary>
    public static readonly ErrorCode AmbiguousPath = new(nameof(AmbiguousPath), ErrorKind.InvalidArgument);

    /// <summary>The path is not in the file system.</summary>
    public static readonly ErrorCode PathNotOnFileSystem = new(nameof(PathNotOnFileSystem), ErrorKind.InvalidArgument);

    /// <summary>A property of an input object (for example from JSON) has a value that its parameter can't accept, or two values exclude each other.</summary>
    public static readonly ErrorCode PipelineValueInvalid = new(nameof(PipelineValueInvalid), ErrorKind.InvalidArgument);

    /// <summary>The disk size is not valid.</summary>
    public static readonly ErrorCode DiskSizeInvalid = new(nameof(DiskSizeInvalid), ErrorKind.InvalidArgument);

    /// <summary>No VM to clone was given.</summary>
    public static readonly ErrorCode CloneSourceMissing = new(nameof(CloneSourceMissing), ErrorKind.InvalidArgument);

    /// <summary>Several VMs have the name.</summary>
    public static readonly ErrorCode AmbiguousVm = new(nameof(AmbiguousVm), ErrorKind.InvalidArgument);

    /// <summary>The session belongs to another kind of hypervisor.</summary>
    public static readonly ErrorCode WrongSessionKind = new(nameof(WrongSessionKind), ErrorKind.InvalidArgument);

    /// <summary>An object of one session was given together with another session.</summary>
    public static readonly ErrorCode SessionMismatch = new(nameof(SessionMismatch), ErrorKind.InvalidArgument);

    /// <summary>The VM does not have exactly one CD-ROM drive.</summary>
    public static readonly ErrorCode AmbiguousCdrom = new(nameof(AmbiguousCdrom), ErrorKind.InvalidArgument);

    /// <summary>The VM does not have exactly one disk, and none was named.</summary>
    public static readonly ErrorCode AmbiguousDisk = new(nameof(AmbiguousDisk), ErrorKind.InvalidArgument);

    /// <summary>The VM does not have exactly one network adapter, and none was named.</summary>
    public static readonly ErrorCode AmbiguousNetworkAdapter = new(nameof(AmbiguousNetworkAdapter), ErrorKind.InvalidArgument);

    /// <summary>A pipeline object is not a VM, so its name is not a VM name.</summary>
    public static readonly ErrorCode NotAVm = new(nameof(NotAVm), ErrorKind.InvalidArgument);

    /// <summary>The log file can't be written.</summary>
    public static readonly ErrorCode LogNotWritable = new(nameof(LogNotWritable), ErrorKind.InvalidArgument);
}

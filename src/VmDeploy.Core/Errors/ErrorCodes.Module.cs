namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>Anything that was not foreseen.</summary>
    public static readonly ErrorCode UnexpectedFailure = new(nameof(UnexpectedFailure), ErrorKind.InvalidOperation,
        "This is a mistake in VmDeploy; please report it with the output of Get-Error.");

    /// <summary>-Server is no host name or address.</summary>
    public static readonly ErrorCode ServerNameInvalid = new(nameof(ServerNameInvalid), ErrorKind.InvalidArgument,
        "Give the name alone, for example esxi.example.com; -Port and -Protocol say the rest.");

    /// <summary>One file is needed and the wildcards match several.</summary>
    public static readonly ErrorCode AmbiguousPath = new(nameof(AmbiguousPath), ErrorKind.InvalidArgument,
        "Name one file, or pipe several in with Get-ChildItem.");

    /// <summary>The path does not lead to the file system.</summary>
    public static readonly ErrorCode PathNotOnFileSystem = new(nameof(PathNotOnFileSystem), ErrorKind.InvalidArgument,
        "Give the path of a file on disk.");

    /// <summary>An object in the pipeline (a line of JSON) has a value that its parameter can't take.</summary>
    public static readonly ErrorCode PipelineValueInvalid = new(nameof(PipelineValueInvalid), ErrorKind.InvalidArgument,
        "Correct the value in the JSON file; Get-Help <cmdlet> -Parameter * shows what each parameter takes.");

    /// <summary>No disk has this size.</summary>
    public static readonly ErrorCode DiskSizeInvalid = new(nameof(DiskSizeInvalid), ErrorKind.InvalidArgument,
        "Give the size in GiB, more than 0 and at most 63488 (62 TiB).");

    /// <summary>New-VmClone was told no source.</summary>
    public static readonly ErrorCode CloneSourceMissing = new(nameof(CloneSourceMissing), ErrorKind.InvalidArgument,
        "Pipe a VM in, for example Get-VmInstance golden | New-VmClone, or give -SourceName.");

    /// <summary>Several VMs have the name.</summary>
    public static readonly ErrorCode AmbiguousVm = new(nameof(AmbiguousVm), ErrorKind.InvalidArgument,
        "Pick one with Get-VmInstance and pipe it in.");

    /// <summary>The log file can't be written.</summary>
    public static readonly ErrorCode LogNotWritable = new(nameof(LogNotWritable), ErrorKind.InvalidArgument,
        "Give -LogPath a file in a folder that exists and that this account may write to.");
}

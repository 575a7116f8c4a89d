namespace VmDeploy;

// Errors of questions, templates, snapshots and console pictures.
public static partial class ErrorCodes
{
    /// <summary>The host does not ask a question about the VM (any more).</summary>
    public static readonly ErrorCode QuestionNotFound = new(nameof(QuestionNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The host does not offer this answer.</summary>
    public static readonly ErrorCode AnswerUnknown = new(nameof(AnswerUnknown), ErrorKind.InvalidArgument);

    /// <summary>The snapshot does not exist (any more).</summary>
    public static readonly ErrorCode SnapshotNotFound = new(nameof(SnapshotNotFound), ErrorKind.ObjectNotFound);

    /// <summary>Several snapshots of the VM have the name.</summary>
    public static readonly ErrorCode AmbiguousSnapshot = new(nameof(AmbiguousSnapshot), ErrorKind.InvalidArgument);

    /// <summary>Snapshots were removed, but the host could not merge their disks.</summary>
    public static readonly ErrorCode DisksNotConsolidated = new(nameof(DisksNotConsolidated), ErrorKind.InvalidResult);

    /// <summary>The host gives no picture of the console.</summary>
    public static readonly ErrorCode ScreenNotAvailable = new(nameof(ScreenNotAvailable), ErrorKind.InvalidResult);

    /// <summary>A VM that is not off can only be exported through a snapshot.</summary>
    public static readonly ErrorCode ExportSourceRunning = new(nameof(ExportSourceRunning), ErrorKind.InvalidOperation);

    /// <summary>The VM has something that the host can't export.</summary>
    public static readonly ErrorCode ExportRefused = new(nameof(ExportRefused), ErrorKind.InvalidResult);

    /// <summary>The export is complete, but its snapshot or lease is still on the host.</summary>
    public static readonly ErrorCode ExportNotCleanedUp = new(nameof(ExportNotCleanedUp), ErrorKind.InvalidResult);

    /// <summary>The VM can't run, or can't be stored, on the host that it is to be copied to.</summary>
    public static readonly ErrorCode CopyNotPossible = new(nameof(CopyNotPossible), ErrorKind.InvalidOperation);

    /// <summary>A drive of the VM holds an image that no longer exists.</summary>
    public static readonly ErrorCode CdromImageMissing = new(nameof(CdromImageMissing), ErrorKind.ObjectNotFound);

    /// <summary>The template is one of the hypervisor's own.</summary>
    public static readonly ErrorCode TemplateBuiltIn = new(nameof(TemplateBuiltIn), ErrorKind.InvalidArgument);
}

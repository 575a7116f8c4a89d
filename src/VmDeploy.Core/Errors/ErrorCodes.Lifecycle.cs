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

    /// <summary>The template is one of the hypervisor's own.</summary>
    public static readonly ErrorCode TemplateBuiltIn = new(nameof(TemplateBuiltIn), ErrorKind.InvalidArgument);
}

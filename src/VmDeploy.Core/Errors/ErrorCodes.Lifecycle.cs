namespace VmDeploy;

// Errors of questions, templates, snapshots and console pictures.
public static partial class ErrorCodes
{
    /// <summary>The VM does not wait for an answer (any more).</summary>
    public static readonly ErrorCode QuestionNotFound = new(nameof(QuestionNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The host does not offer this answer.</summary>
    public static readonly ErrorCode AnswerUnknown = new(nameof(AnswerUnknown), ErrorKind.InvalidArgument);

    /// <summary>The template is one of the hypervisor's own.</summary>
    public static readonly ErrorCode TemplateBuiltIn = new(nameof(TemplateBuiltIn), ErrorKind.InvalidArgument);
}

namespace VmDeploy;

/// <summary>The questions that a host asks before it continues with a VM.</summary>
public abstract class VmQuestions
{
    /// <summary>The question that a VM waits for; null if there is none.</summary>
    public abstract Task<VmQuestion?> FindAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>Answers a question, waits a moment for what the host then does, and reads the VM again.</summary>
    /// <param name="question">The question.</param>
    /// <param name="answer">The text or the key of an answer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="VmDeployException"><c>AnswerUnknown</c>, or <c>QuestionNotFound</c> if the VM no longer waits for this answer.</exception>
    public abstract Task AnswerAsync(VmQuestion question, string answer, CancellationToken cancellationToken);

    /// <summary>The question that a VM waits for.</summary>
    /// <exception cref="VmDeployException"><c>QuestionNotFound</c> if there is none.</exception>
    public async Task<VmQuestion> GetAsync(Vm vm, CancellationToken cancellationToken) =>
        await FindAsync(vm, cancellationToken) ?? throw NotFound(vm);

    private protected static VmDeployException NotFound(Vm vm) =>
        new(ErrorCodes.QuestionNotFound, $"VM '{vm.Name}' has no question to answer.", vm.Name);
}

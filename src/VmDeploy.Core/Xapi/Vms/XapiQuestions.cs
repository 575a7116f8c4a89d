namespace VmDeploy.Xapi;

/// <summary>XenServer asks no questions.</summary>
internal sealed class XapiQuestions : VmQuestions
{
    public override Task<VmQuestion?> FindAsync(Vm vm, CancellationToken cancellationToken) => Task.FromResult<VmQuestion?>(null);

    public override Task AnswerAsync(VmQuestion question, string answer, CancellationToken cancellationToken) => throw NotFound(question.Vm);
}

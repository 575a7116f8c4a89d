namespace VmDeploy.Vsphere;

/// <summary>Reads <c>runtime.question</c>, and answers it with <c>AnswerVM</c>.</summary>
internal sealed class VsphereQuestions(VsphereSession session) : VmQuestions
{
    private const string Path = "runtime.question";

    // After an answer the host continues its operation, for example the power-on.
    private static readonly TimeSpan s_longestSettling = TimeSpan.FromSeconds(10);

    public override async Task<VmQuestion?> FindAsync(Vm vm, CancellationToken cancellationToken)
    {
        var content = await session.ReadVmPropertiesAsync(vm, cancellationToken, Path);
        if (content[Path] is not { } question)
            return null;
        var answers = PendingQuestion.Choices(question).Select(choice => new VmAnswer(choice.Value("key") ?? "", PendingQuestion.TextOfChoice(choice))).ToList();
        return new VmQuestion(vm, question.Value("id") ?? "", PendingQuestion.TextOf(question))
        {
            Answers = answers.AsText(),
            Default = PendingQuestion.UsualOf(question) is { } usual && usual >= 0 && usual < answers.Count ? answers[usual] : null,
        };
    }

    public override async Task AnswerAsync(VmQuestion question, string answer, CancellationToken cancellationToken)
    {
        var vm = question.Vm;
        var choice = question.Find(answer);
        if (!await IsAskedAsync(question, cancellationToken))
            throw NotFound(vm);
        var reference = MoRef.Of(vm);
        try
        {
            await session.Soap.CallAsync(reference, "AnswerVM", cancellationToken,
                VimXml.El("questionId", question.Id), VimXml.El("answerChoice", choice.Key));
        }
        catch (VmDeployException e) when (e.IsUnanswered || e is VimFault)
        {
            if (await IsAskedAsync(question, cancellationToken))
                throw;
            // Only a lost reply can be our own answer.
            if (!e.IsUnanswered)
                throw NotFound(vm);
        }
        await SettleAsync(reference, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    private async Task<bool> IsAskedAsync(VmQuestion question, CancellationToken cancellationToken) =>
        (await FindAsync(question.Vm, cancellationToken))?.Id == question.Id;

    private async Task SettleAsync(MoRef vm, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_longestSettling);
        try
        {
            await session.Tasks.SettleAsync(vm, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It takes longer, or the host has another question.
        }
    }
}

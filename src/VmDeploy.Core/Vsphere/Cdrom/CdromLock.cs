namespace VmDeploy.Vsphere;

/// <summary>
/// Changes a running VM's drives. When the guest has locked a drive, the host asks (<c>runtime.question</c>) and the task
/// waits until the question is answered.
/// </summary>
internal sealed class CdromLock(VsphereSession session, MoRef vm, string name)
{
    private const string LockedId = "cdromdisconnect.locked";

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private VmDeployException? _locked;

    /// <summary>Runs <c>ReconfigVM_Task</c>; <c>CdromLocked</c> if the guest has locked the medium, unless forced.</summary>
    public async Task ReconfigureAsync(XElement spec, bool force, CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        var answering = AnswerAsync(force, stop.Token);
        try
        {
            await session.Tasks.RunAsync(vm, "ReconfigVM_Task", name, cancellationToken, spec);
        }
        catch (VmDeployException) when (_locked is not null)
        {
            // The host's own message is about a device that could not be disconnected.
        }
        finally
        {
            stop.Cancel();
            await answering;
        }
        if (_locked is not null)
            throw _locked;
    }

    private async Task AnswerAsync(bool force, CancellationToken stop)
    {
        var answered = new HashSet<string>();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var question = await NextQuestionAsync(answered, stop);
                if (IsLock(question))
                {
                    if (!force)
                        _locked = new VmDeployException(ErrorCodes.CdromLocked, $"The guest of {name} has locked the CD-ROM drive.", name);
                    await session.Soap.CallAsync(vm, "AnswerVM", stop,
                        VimXml.El("questionId", question.Value("id")), VimXml.El("answerChoice", Choice(question, force)));
                }
                else
                {
                    session.Log.QuestionAsked(name, question.Value("text") ?? "");
                }
                answered.Add(question.Value("id")!);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (VmDeployException e)
            {
                // The task waits until the question is answered.
                session.Log.QuestionFailed(name, e.Message);
                await Task.WhenAny(Task.Delay(s_pause, stop));
            }
        }
    }

    private async Task<XElement> NextQuestionAsync(HashSet<string> answered, CancellationToken stop)
    {
        XElement? found = null;
        await session.Waiter.WaitAsync(vm, ["runtime.question"], values =>
            values.TryGetValue("runtime.question", out found) && found.Value("id") is { } id && !answered.Contains(id), stop);
        return found!;
    }

    // The list of messages may be missing, and the text begins with the message's id on some hosts only.
    private static bool IsLock(XElement question)
    {
        var text = question.Value("text") ?? "";
        return question.Children("message").Any(m => Has(m.Value("id") ?? "", LockedId))
            || Has(text, LockedId) || Has(text, "CD-ROM") && Has(text, "lock");
    }

    // By label: the keys are numbers without a fixed meaning.
    private static string Choice(XElement question, bool yes)
    {
        var choices = PendingQuestion.Choices(question).ToList();
        var word = yes ? "yes" : "no";
        var choice = choices.FirstOrDefault(c => Says(c.Value("label"), word) || Says(c.Value("summary"), word))
            ?? (yes ? choices.FirstOrDefault() : choices.LastOrDefault());
        return choice?.Value("key") ?? (yes ? "0" : "1");
    }

    private static bool Says(string? label, string word) =>
        string.Equals(label, word, StringComparison.OrdinalIgnoreCase) || label is not null && label.EndsWith("." + word, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string text, string part) => text.IndexOf(part, StringComparison.OrdinalIgnoreCase) >= 0;
}

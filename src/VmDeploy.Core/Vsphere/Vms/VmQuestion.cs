namespace VmDeploy.Vsphere;

/// <summary>Reading <c>VirtualMachineQuestionInfo</c>: what a host asks before it goes on with a VM.</summary>
internal static class VmQuestion
{
    /// <summary>The failure of a task that stands still for a question, with the question and the answers that the host takes.</summary>
    public static VmDeployException Pending(string vm, XElement question) => new(ErrorCodes.VmQuestionPending,
        $"{vm} waits for an answer on its host: {question.Value("text")?.Trim()} Answers: {string.Join(", ", Answers(question))}.", vm);

    public static IEnumerable<XElement> Choices(XElement question) => question.Child("choice")?.Children("choiceInfo") ?? [];

    // A label may be no more than the name of a button (button.uuid.copiedTheVM); the summary is what people read.
    private static IEnumerable<string> Answers(XElement question)
    {
        var usual = question.Child("choice")?.Number("defaultIndex");
        return Choices(question).Select((choice, index) =>
            $"'{(choice.Value("summary") is { Length: > 0 } words ? words : choice.Value("label"))}'{(index == usual ? " (usual)" : "")}");
    }
}

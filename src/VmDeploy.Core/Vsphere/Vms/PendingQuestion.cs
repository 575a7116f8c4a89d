using System.Text.RegularExpressions;

namespace VmDeploy.Vsphere;

/// <summary>Reading <c>VirtualMachineQuestionInfo</c>: what a host asks before it goes on with a VM.</summary>
internal static class PendingQuestion
{
    // Some hosts put the id of the message before its text.
    private static readonly Regex s_messageId = new(@"^\s*msg(\.\w+)+:\s*", RegexOptions.CultureInvariant);

    /// <summary>The failure of a task that stands still for a question, with the question and the answers that the host takes.</summary>
    public static VmDeployException Pending(string vm, XElement question) => new(ErrorCodes.VmQuestionPending,
        $"{vm} waits for an answer on its host: {TextOf(question)} Answers: {string.Join(", ", Answers(question))}.", vm);

    /// <summary>The question's words.</summary>
    public static string TextOf(XElement question) => s_messageId.Replace(question.Value("text") ?? "", "").Trim();

    /// <summary>The offered answers (<c>ElementDescription</c>).</summary>
    public static IEnumerable<XElement> Choices(XElement question) => question.Child("choice")?.Children("choiceInfo") ?? [];

    /// <summary>The index of the answer that the host suggests.</summary>
    public static int? UsualOf(XElement question) => question.Child("choice")?.Number("defaultIndex");

    /// <summary>The words of an answer. A label may be no more than the name of a button (button.uuid.copiedTheVM); the summary is what people read.</summary>
    public static string TextOfChoice(XElement choice) => (choice.Value("summary") is { Length: > 0 } words ? words : choice.Value("label")) ?? "";

    private static IEnumerable<string> Answers(XElement question)
    {
        var usual = UsualOf(question);
        return Choices(question).Select((choice, index) => $"'{TextOfChoice(choice)}'{(index == usual ? " (usual)" : "")}");
    }
}

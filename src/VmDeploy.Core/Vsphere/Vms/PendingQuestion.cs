using System.Text.RegularExpressions;

namespace VmDeploy.Vsphere;

/// <summary>Reading <c>VirtualMachineQuestionInfo</c>: what a host asks before it continues with a VM.</summary>
internal static class PendingQuestion
{
    // Some hosts put the id of the message before its text.
    private static readonly Regex s_messageId = new(@"^\s*msg(\.\w+)+:\s*", RegexOptions.CultureInvariant);

    /// <summary>The failure of a task that waits for an answer, with the question and the answers that the host accepts.</summary>
    public static VmDeployException Pending(string vm, XElement question) => new(ErrorCodes.VmQuestionPending,
        $"{vm}: the host waits for an answer: {TextOf(question)} Answers: {string.Join(", ", Answers(question))}.", vm);

    /// <summary>The text of the question.</summary>
    public static string TextOf(XElement question) => s_messageId.Replace(question.Value("text") ?? "", "").Trim();

    /// <summary>The offered answers (<c>ElementDescription</c>).</summary>
    public static IEnumerable<XElement> Choices(XElement question) => question.Child("choice")?.Children("choiceInfo") ?? [];

    /// <summary>The index of the answer that the host suggests.</summary>
    public static int? UsualOf(XElement question) => question.Child("choice")?.Number("defaultIndex");

    /// <summary>The text of an answer. A label can be just the name of a button (button.uuid.copiedTheVM); the summary is the text for users.</summary>
    public static string TextOfChoice(XElement choice) => (choice.Value("summary") is { Length: > 0 } words ? words : choice.Value("label")) ?? "";

    private static IEnumerable<string> Answers(XElement question)
    {
        var usual = UsualOf(question);
        return Choices(question).Select((choice, index) => $"'{TextOfChoice(choice)}'{(index == usual ? " (usual)" : "")}");
    }
}

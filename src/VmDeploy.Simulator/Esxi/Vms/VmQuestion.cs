using System.Globalization;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A question that a task waits for.</summary>
/// <param name="Id">Number of the question.</param>
/// <param name="MessageId">The kind of question, for example msg.cdromdisconnect.locked.</param>
/// <param name="Text">The question.</param>
/// <param name="Choices">The possible answers, identified by their indexes.</param>
/// <param name="Usual">Index of the default choice.</param>
/// <param name="WithMessages">The list of messages is filled, as on vCenter; a host may leave it empty.</param>
internal sealed record VmQuestion(string Id, string MessageId, string Text, IReadOnlyList<string> Choices, int Usual, bool WithMessages)
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The choice that was made.</summary>
    public Task<string> Answer => _answer.Task;

    /// <summary>False if the choice is not one of those offered.</summary>
    public bool TryAnswer(string choice) =>
        int.TryParse(choice, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < Choices.Count && _answer.TrySetResult(Choices[index]);

    public DataObject ToData() => new("VirtualMachineQuestionInfo")
    {
        ["id"] = Id,
        ["text"] = $"{MessageId}:{Text}",
        ["choice"] = new DataObject("ChoiceOption")
        {
            ["choiceInfo"] = Choices.Select((label, index) => new DataObject("ElementDescription")
            {
                ["label"] = label,
                ["summary"] = label,
                ["key"] = index.ToString(CultureInfo.InvariantCulture),
            }),
            ["defaultIndex"] = Usual,
        },
        ["message"] = WithMessages ? [new DataObject("VirtualMachineMessage") { ["id"] = MessageId, ["text"] = Text }] : Array.Empty<object>(),
    };
}

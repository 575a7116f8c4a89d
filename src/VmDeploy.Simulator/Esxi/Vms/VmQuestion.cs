using System.Globalization;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A question that holds a task up until it is answered.</summary>
/// <param name="Id">Number of the question.</param>
/// <param name="MessageId">What kind of question, for example msg.cdromdisconnect.locked.</param>
/// <param name="Text">The question.</param>
/// <param name="Choices">What can be answered, each known by its index.</param>
/// <param name="Usual">Index of the choice that is offered first.</param>
/// <param name="WithMessages">The list of messages is filled, as vCenter does and a host may not.</param>
internal sealed record VmQuestion(string Id, string MessageId, string Text, IReadOnlyList<string> Choices, int Usual, bool WithMessages)
{
    private readonly TaskCompletionSource<string> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The choice that was made.</summary>
    public Task<string> Answer => _answer.Task;

    /// <summary>False when the choice is none of those offered.</summary>
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

using System;
using System.Threading.Tasks;
using VmDeploy.Simulator.Esxi.Data;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>A question that holds a task up until it is answered.</summary>
/// <param name="Id">Number of the question.</param>
/// <param name="MessageId">What kind of question, for example msg.cdromdisconnect.locked.</param>
/// <param name="Text">The question.</param>
/// <param name="WithMessages">The list of messages is filled, as vCenter does and a host may not.</param>
internal sealed record VmQuestion(string Id, string MessageId, string Text, bool WithMessages)
{
    private readonly TaskCompletionSource<bool> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True for yes.</summary>
    public Task<bool> Answer => _answer.Task;

    /// <summary>False when the choice is none of those offered.</summary>
    public bool TryAnswer(string choice) => choice is "0" or "1" && _answer.TrySetResult(choice == "0");

    public DataObject ToData() => new("VirtualMachineQuestionInfo")
    {
        ["id"] = Id,
        ["text"] = $"{MessageId}:{Text}",
        ["choice"] = new DataObject("ChoiceOption")
        {
            ["choiceInfo"] = new[] { Choice("0", "Yes"), Choice("1", "No") },
            ["defaultIndex"] = 1,
        },
        ["message"] = WithMessages ? [new DataObject("VirtualMachineMessage") { ["id"] = MessageId, ["text"] = Text }] : Array.Empty<object>(),
    };

    private static DataObject Choice(string key, string label) =>
        new("ElementDescription") { ["label"] = label, ["summary"] = label, ["key"] = key };
}

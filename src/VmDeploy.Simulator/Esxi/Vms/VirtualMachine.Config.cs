using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Soap;
using VmDeploy.Simulator.Esxi.Tasks;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Changes of the configuration.</summary>
internal sealed partial class VirtualMachine
{
    public VmQuestion? Question { get; private set; }

    [VimMethod(Writes = true)]
    public object ReconfigVM_Task(VimCall call)
    {
        var spec = call.Arguments.Object("spec")!;
        return Begin(call, "reconfigure", task => ReconfigureAsync(spec, task));
    }

    [VimMethod(Writes = true)]
    public object Rename_Task(VimCall call)
    {
        var name = call.Arguments.Text("newName")!;
        return Begin(call, "rename", () =>
        {
            Folder.CheckName(name);
            var config = ConfigData.Clone();
            config["name"] = name;
            ConfigData = config;
        });
    }

    [VimMethod(Writes = true)]
    public void AnswerVM(VimCall call)
    {
        if (Question is null || Question.Id != call.Arguments.Text("questionId"))
            throw VimFault.InvalidArgument("questionId");
        if (!Question.TryAnswer(call.Arguments.Text("answerChoice")!))
            throw VimFault.InvalidArgument("answerChoice");
        Question = null;
        Changed();
    }

    /// <summary>Writes the configuration file again.</summary>
    public void SaveFile() => File.WriteAllText(VmxPath.Local, VmxFile.Write(ConfigData));

    private async Task<object?> ReconfigureAsync(DataObject spec, VimTask task)
    {
        await AskBeforeEjectAsync(spec, task);
        lock (Esx.Gate)
        {
            if (spec.Text("name") is { } name && name != Name)
                Folder.CheckName(name);
            if (spec.Text("changeVersion") is { } version && version != ConfigData.Text("changeVersion"))
                throw VimFault.Of("ConcurrentAccess", "The configuration was changed by somebody else.");
            var editor = new ConfigEditor(this);
            editor.Apply(spec);
            editor.Commit();
            ConfigData = editor.Config;
            SaveFile();
        }
        return null;
    }

    private async Task AskBeforeEjectAsync(DataObject spec, VimTask task)
    {
        lock (Esx.Gate)
        {
            if (!IsRunning || !Behavior.LocksCdrom || !spec.Objects("deviceChange").Any(Ejects))
                return;
        }
        var answer = await AskAsync(task, "msg.cdromdisconnect.locked",
            "The guest operating system has locked the CD-ROM door and is probably using the CD-ROM. Disconnect anyway (and override the lock)?",
            ["Yes", "No"], usual: 1);
        if (answer != "Yes")
            throw VimFault.Of("GenericVmConfigFault", "Connection control operation failed for the CD-ROM drive.", ("reason", "The guest has locked the CD-ROM."));
    }

    // The task waits until somebody answers.
    private async Task<string> AskAsync(VimTask task, string messageId, string text, IReadOnlyList<string> choices, int usual)
    {
        Task<string> answer;
        lock (Esx.Gate)
        {
            Question = new(Esx.NextNumber(), messageId, text, choices, usual, Esx.IsVCenter);
            answer = Question.Answer.WaitAsync(task.Cancelled);
            Changed();
        }
        try
        {
            return await answer;
        }
        finally
        {
            lock (Esx.Gate)
            {
                Question = null;
                Changed();
            }
        }
    }

    private bool Ejects(DataObject change)
    {
        var device = change.Object("device")!;
        var current = Devices.FirstOrDefault(d => d.Is("VirtualCdrom") && d.Int("key") == device.Int("key"));
        if (current?.Object("connectable")?.Bool("connected") != true)
            return false;
        return change.Text("operation") == "remove"
            || device.Object("connectable")?.Bool("connected") == false
            || (device.Object("backing") is { } backing && SoapWriter.Fingerprint(backing) != SoapWriter.Fingerprint(current.Object("backing")));
    }
}

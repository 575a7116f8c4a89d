using VmDeploy.Tests.Cmdlets;
using VmDeploy.Tests.Support;
using VmDeploy.Tests.Vsphere;
using Xunit;

namespace VmDeploy.Tests.Transfer;

/// <summary>A pipe without a writer instead of a file: opening it would wait for ever.</summary>
public sealed class PipeTests : IDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_pipe_is_neither_sent_nor_taken_for_an_ISO()
    {
        var pipe = await PipeAsync();
        await using var host = await SimulatedHost.StartAsync();
        var sending = Task.Run(() => host.Session.DatastoreFiles.PlanSendAsync(new SendFileRequest(pipe, "datastore1"), CancellationToken.None));
        Assert.Contains("not a regular file", (await FailureOfAsync(sending)).Message, StringComparison.Ordinal);
        var booting = Task.Run(() => host.Session.PlanIsoVmAsync(new IsoVmRequest(pipe) { Names = ["x"], Datastore = "datastore1" }, CancellationToken.None));
        Assert.Contains("not a regular file", (await FailureOfAsync(booting)).Message, StringComparison.Ordinal);

        async Task<VmDeployException> FailureOfAsync(Task task)
        {
            var error = await Assert.ThrowsAsync<VmDeployException>(() => task.WaitAsync(s_bound));
            Assert.Equal("LocalFileUnreadable", error.Code.Id);
            return error;
        }
    }

    [SkippableFact]
    public async Task An_empty_file_is_sent()
    {
        await using var host = await SimulatedHost.StartAsync();
        var sent = await host.Session.DatastoreFiles.SendAsync(new SendFileRequest(_folder.Write("empty", []), "datastore1"), new OnProgress(_ => { }), CancellationToken.None);
        Assert.True(sent.WasSent);
        Assert.Contains("[datastore1] empty", host.Simulator.DatastoreFiles());
    }

    [SkippableTheory]
    [InlineData("New-VmFromTemplate t -Name x -UserData $pipe", "ParameterArgumentTransformationError")]
    [InlineData("Connect-Esxi 127.0.0.1 $credential -Port 1 -LogPath $pipe", "LogNotWritable")]
    public async Task A_pipe_is_no_document_and_no_log(string script, string id)
    {
        using var engine = Engine.Start();
        engine["pipe"] = await PipeAsync();
        engine["credential"] = Engine.Credential("root", "x");
        var run = await Task.Run(() => engine.RunAsync(script)).WaitAsync(s_bound);
        Assert.Contains("not a regular file", run.Error(id).Exception.Message, StringComparison.Ordinal);
    }

    private async Task<string> PipeAsync()
    {
        await Shell.RunAsync(Requires.Tool("mkfifo"), _folder["pipe"]);
        return _folder["pipe"];
    }
}

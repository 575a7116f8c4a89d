using System;
using System.Management.Automation;
using System.Threading;
using System.Threading.Tasks;
using VmDeploy;
using VmDeploy.PowerShell;

// Cmdlets that only use the dispatcher; the results of their work are kept for the test.
public static class Probe
{
    public static volatile bool Cancelled;
    public static volatile bool CleanedUp;
    public static volatile int Posted;

    public static void Reset()
    {
        Cancelled = CleanedUp = false;
        Posted = 0;
    }
}

// Emits numbers until it is cancelled; then takes its time to clean up.
[Cmdlet(VerbsLifecycle.Invoke, "EndlessProbe")]
public sealed class InvokeEndlessProbeCommand : AsyncCmdlet
{
    [Parameter]
    public SwitchParameter FailEach { get; set; }

    [Parameter]
    public SwitchParameter Silent { get; set; }

    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        Progress.Report(new OperationProgress(0, "Probing", "endless"));
        try
        {
            while (true)
            {
                if (FailEach)
                    WriteError(new VmDeployException(ErrorCodes.VmNotFound, "There is none.", "target"));
                else if (!Silent)
                    WriteObject(++Probe.Posted);
                else
                    Probe.Posted++;
                await Task.Delay(10, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Probe.Cancelled = true;
            await Task.Delay(500, CancellationToken.None);
            WriteObject("too late");
            WriteWarning("too late");
            await TryAskAsync();
            Probe.CleanedUp = true;
            throw;
        }
    }

    // An unanswered question must not hang the clean-up.
    private async Task TryAskAsync()
    {
        try
        {
            await ShouldProcessAsync("nothing", "Ask too late");
        }
        catch (OperationCanceledException)
        {
        }
    }
}

// Posts from many threads at a time.
[Cmdlet(VerbsLifecycle.Invoke, "CrowdProbe")]
public sealed class InvokeCrowdProbeCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true)]
    public int Threads { get; set; }

    [Parameter(Mandatory = true)]
    public int Each { get; set; }

    protected override Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var tasks = new Task[Threads];
        for (var thread = 0; thread < Threads; thread++)
        {
            var mine = thread;
            tasks[thread] = Task.Run(() =>
            {
                for (var number = 0; number < Each; number++)
                {
                    WriteObject(new Tuple<int, int>(mine, number));
                    Progress.Report(new OperationProgress(mine, "Crowd " + mine, "step") { Percent = number * 100 / Each });
                }
            });
        }

        return Task.WhenAll(tasks);
    }
}

// Asks for confirmation of each, and says which were granted.
[Cmdlet(VerbsLifecycle.Invoke, "QuestionProbe", SupportsShouldProcess = true)]
public sealed class InvokeQuestionProbeCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public string Target { get; set; }

    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (await ShouldProcessAsync(Target, "Probe"))
            WriteObject(Target);
    }
}

// Fails as requested.
[Cmdlet(VerbsLifecycle.Invoke, "FailureProbe")]
public sealed class InvokeFailureProbeCommand : AsyncCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    public string Code { get; set; }

    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Progress.Report(new OperationProgress(0, "Failing", "soon"));
        if (Code == "none")
            WriteObject(Code);
        else if (Code == "surprise")
            throw new InvalidOperationException("This was not foreseen.");
        else
            throw new VmDeployException((ErrorCode)typeof(ErrorCodes).GetField(Code).GetValue(null), "Message of " + Code + ".", "the target");
    }
}

// Reports bytes as fast as it can.
[Cmdlet(VerbsLifecycle.Invoke, "ProgressProbe")]
public sealed class InvokeProgressProbeCommand : AsyncCmdlet
{
    [Parameter]
    public SwitchParameter Fail { get; set; }

    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        Progress.Report(new OperationProgress(0, "Importing probe", "0 of 1 ready") { Percent = 0 });
        var part = new OperationProgress(1, "probe1", "disk-0.vmdk") { ParentId = 0, BytesTotal = 200L << 20, BytesPerSecond = 50 << 20 };
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var step = 0; clock.ElapsedMilliseconds < 1000; step++)
        {
            Progress.Report(part with { BytesDone = clock.ElapsedMilliseconds * 200L << 10, TimeLeft = TimeSpan.FromSeconds(2) });
            await Task.Yield();
            Probe.Posted++;
        }

        if (Fail)
            throw new VmDeployException(ErrorCodes.ConnectionLost, "The connection broke.");
        Progress.Report(part with { BytesDone = 200L << 20, IsCompleted = true });
        Progress.Report(new OperationProgress(0, "Importing probe", "1 of 1 ready") { IsCompleted = true });
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using VmDeploy.Simulator;

namespace VmDeploy.Tests.Faults;

/// <summary>One fault at one point of one operation.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Fault">A <see cref="RequestFault"/>, or one of the names in <see cref="FaultMatrix"/>.</param>
/// <param name="Number">The request that gets the fault (1 is the first), or the byte of the upload.</param>
/// <param name="Method">The method of that request in a run without faults.</param>
internal sealed record FaultCell(FaultOperation Operation, string Fault, int Number, string Method)
{
    public override string ToString() => $"{Operation.Name} | {Fault} | {Number} {Method}";
}

/// <summary>Runs the cells of one hypervisor and checks what each leaves behind.</summary>
internal sealed class FaultMatrix(HypervisorKind kind)
{
    private const string TaskFailed = "TaskFailed";
    private const string UploadCut = "UploadCutOnce";
    private const string UploadAlwaysCut = "UploadCutAlways";

    // No cell may take longer.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(300);

    // Requests without a fault are answered in time on any machine.
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(100);

    // For a raw upload the client has its own connection and time limit.
    private static readonly TimeSpan s_lateUpload = TimeSpan.FromSeconds(10);

    private static readonly RequestFault[] s_unanswered =
    [
        RequestFault.CutBeforeReply, RequestFault.CutInReply, RequestFault.Status500, RequestFault.Status503AfterRequest,
        RequestFault.LateRequest, RequestFault.LateReply, RequestFault.Outage,
    ];

    // For the host's own work, such as releasing a disk: it counts as finished after this time without a change.
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_longestSettling = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, HostState> _after = [];
    private readonly ConcurrentBag<(FaultCell Cell, string? Problem, TimeSpan Time)> _results = [];

    /// <summary>The cells that were run, and their problems.</summary>
    public IReadOnlyList<(FaultCell Cell, string? Problem, TimeSpan Time)> Results => [.. _results.OrderBy(r => r.Cell.ToString(), StringComparer.Ordinal)];

    /// <summary>Runs each operation once without a fault; returns a cell for each fault at each of its requests.</summary>
    public async Task<IReadOnlyList<FaultCell>> PlanAsync(int uploadCuts, int seed)
    {
        var cells = new List<FaultCell>();
        var random = new Random(seed);
        foreach (var operation in FaultOperation.For(kind))
        {
            await using var stage = await FaultStage.StartAsync(kind, s_timeout);
            await operation.Arrange(stage);
            stage.Requests.Order(0, default);
            await operation.Act(stage, CancellationToken.None);
            if (stage.Errors.Count > 0)
                throw new InvalidOperationException($"{operation.Name} fails without any fault.", stage.Errors[0]);
            var methods = stage.Requests.Methods;
            await stage.IdleAsync();
            await Task.Delay(50);
            _after[operation.Name] = stage.Look();
            for (var number = 1; number <= methods.Count; number++)
            {
                cells.AddRange(Enum.GetValues<RequestFault>().Select(fault => new FaultCell(operation, fault.ToString(), number, methods[number - 1])));
                if (methods[number - 1] is "ImportVApp" || methods[number - 1].EndsWith("_Task", StringComparison.Ordinal) || methods[number - 1].StartsWith("Async.", StringComparison.Ordinal))
                    cells.Add(new FaultCell(operation, TaskFailed, number, methods[number - 1]));
            }
            for (var i = 0; operation.Uploads && i < uploadCuts; i++)
            {
                cells.Add(new FaultCell(operation, UploadCut, random.Next(150_000), "upload"));
                cells.Add(new FaultCell(operation, UploadAlwaysCut, random.Next(150_000), "upload"));
            }
            await stage.Session.CloseAsync();
        }
        return cells;
    }

    public async Task RunAsync(IEnumerable<FaultCell> cells, int parallel) =>
        await Parallel.ForEachAsync(cells, new ParallelOptions { MaxDegreeOfParallelism = parallel }, async (cell, _) =>
        {
            var clock = Stopwatch.StartNew();
            string? problem;
            try
            {
                problem = await RunAsync(cell);
            }
            catch (Exception e)
            {
                problem = $"broke the test: {e}";
            }
            _results.Add((cell, problem, clock.Elapsed));
        });

    /// <summary>Operations by faults: cells, and how many of them are bad.</summary>
    public string Table()
    {
        var faults = _results.Select(r => r.Cell.Fault).Distinct().OrderBy(f => Enum.TryParse<RequestFault>(f, out var known) ? (int)known : 99).ThenBy(f => f, StringComparer.Ordinal).ToList();
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"| {kind} | {string.Join(" | ", faults)} | Cells | Bad |\n|---|{string.Concat(faults.Select(_ => "---:|"))}---:|---:|\n");
        foreach (var row in FaultOperation.For(kind).Select(o => _results.Where(r => r.Cell.Operation.Name == o.Name).ToList()).Where(r => r.Count > 0))
        {
            var columns = faults.Select(f => row.Where(r => r.Cell.Fault == f).ToList()).Select(c => c.Count == 0 ? "" : Say(c.Count, c.Count(r => r.Problem is not null)));
            text.Append(CultureInfo.InvariantCulture, $"| {row[0].Cell.Operation.Name} | {string.Join(" | ", columns)} | {row.Count} | {row.Count(r => r.Problem is not null)} |\n");
        }
        return text.ToString();

        static string Say(int count, int bad) => bad == 0 ? $"{count}" : $"{count} (**{bad}**)";
    }

    /// <summary>Runs a cell; returns the problem, or null.</summary>
    public async Task<string?> RunAsync(FaultCell cell)
    {
        var isLateUpload = cell.Method == "PUT import_raw_vdi" && cell.Fault.StartsWith("Late", StringComparison.Ordinal);
        await using var stage = await FaultStage.StartAsync(kind, isLateUpload ? s_lateUpload : s_timeout);
        await cell.Operation.Arrange(stage);
        var before = stage.Look();
        using var stop = new CancellationTokenSource();
        switch (cell.Fault)
        {
            case TaskFailed:
                stage.FailTask(cell.Method, skip: 0);
                break;
            case UploadCut:
                stage.CutUpload(cell.Number, times: 1);
                break;
            case UploadAlwaysCut:
                stage.CutUpload(cell.Number, times: 50);
                break;
            default:
                var fault = Enum.Parse<RequestFault>(cell.Fault);
                stage.Requests.Struck = method =>
                {
                    if (fault == RequestFault.Stopped)
                        stop.Cancel();
                    else if (method is "ImportVApp" or "ExportVm" or "ExportSnapshot" && s_unanswered.Contains(fault))
                        stage.ShortenLeases();
                };
                stage.Requests.Order(cell.Number, fault);
                break;
        }

        var act = ActAsync(stage, cell.Operation, stop.Token);
        if (await Task.WhenAny(act, Task.Delay(s_limit)) != act)
            return $"hangs at {stage.Requests.StruckRequest}";
        var failure = await act;
        var struck = stage.Requests.StruckRequest;
        stage.ClearFaults();
        var problem = failure is VmDeployException { Code.Id: not "UnexpectedFailure" } or OperationCanceledException or null
            ? await JudgeAsync(stage, cell.Operation, before, failure)
            : $"an error without an id: {failure}";
        problem ??= await CheckSessionAsync(stage, failure);
        return problem is null ? null : $"{problem} | struck {struck} | error: {failure?.Message ?? "none"}{string.Concat(stage.Errors.Select(e => $" / {e.Code.Id}: {e.Message}"))}";
    }

    private static async Task<Exception?> ActAsync(FaultStage stage, FaultOperation operation, CancellationToken token)
    {
        try
        {
            await operation.Act(stage, token);
            return stage.Errors.Count > 0 ? stage.Errors[0] : null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task<string?> JudgeAsync(FaultStage stage, FaultOperation operation, HostState before, Exception? failure)
    {
        var longest = Stopwatch.StartNew();
        var clock = Stopwatch.StartNew();
        for (var seen = stage.Look(); ;)
        {
            var now = stage.Look();
            if (Compare(now, stage, operation, before, failure) is not { } problem)
                return null;
            if (!stage.Requests.IsIdle || !IsSame(now, seen))
                clock.Restart();
            seen = now;
            if (clock.Elapsed < s_settling && longest.Elapsed < s_longestSettling)
            {
                await Task.Delay(50);
                continue;
            }
            if (!operation.IsRepeatable || failure is null)
                return problem;
            // Partly done: a repetition must finish it.
            var second = await ActAsync(stage, operation, CancellationToken.None);
            await stage.IdleAsync();
            await Task.Delay(100);
            return IsSame(stage.Look(), _after[operation.Name]) ? null : $"{problem} | and not finished by the second time: {second?.Message}";
        }
    }

    private string? Compare(HostState now, FaultStage stage, FaultOperation operation, HostState before, Exception? failure)
    {
        var after = _after[operation.Name];
        if (failure is null)
            return IsSame(now, after) ? null : $"succeeded, but {Difference(now, after)}";
        var expected = before.Without(Due(before.Except(after))).With(Due(after.Except(before)));
        var said = stage.Told(failure);
        if (IsSame(now, expected))
            return said.Contains("Not rolled back", StringComparison.Ordinal) ? "names leftovers, but nothing is left" : null;
        if (operation.IsRepeatable && IsSame(now, after))
            return null;
        if (expected.Except(now).Count == 0 && IsNamed(now.Except(expected), said))
            return null;
        // A removal can be incomplete, if the rest is named.
        var isHalfGone = operation.IsRepeatable && after.Except(now).Count == 0 && IsNamed(now.Except(after), said);
        return isHalfGone ? null : Difference(now, expected);

        // The part of the operation's changes that belongs to what it has reported as created.
        List<HostItem> Due(IReadOnlyList<HostItem> changes) => changes.Where(i => FaultOperation.Names.FirstOrDefault(n => i.Text.Contains(n, StringComparison.Ordinal)) is { } name
            ? stage.Made.Contains(name)
            : stage.Made.Count > 0).ToList();
    }

    // The name of a VM includes its disks, files and devices.
    private static bool IsNamed(IReadOnlyList<HostItem> left, string said)
    {
        var named = left.Where(i => said.Contains(i.Subject, StringComparison.Ordinal)).ToList();
        return left.Except(named).All(i => named.Exists(n => n.Text.Contains(i.Subject, StringComparison.Ordinal)));
    }

    private static bool IsSame(HostState left, HostState right) => left.Except(right).Count == 0 && right.Except(left).Count == 0;

    private static string Difference(HostState now, HostState expected) =>
        $"too much: [{string.Join("; ", now.Except(expected).Select(i => i.Text))}] missing: [{string.Join("; ", expected.Except(now).Select(i => i.Text))}]";

    private static async Task<string?> CheckSessionAsync(FaultStage stage, Exception? failure)
    {
        try
        {
            await stage.Session.PingAsync(CancellationToken.None);
            await stage.Session.GetVmsAsync(new VmQuery(), CancellationToken.None);
        }
        catch (VmDeployException e) when (e.Code.Id.StartsWith("Session", StringComparison.Ordinal))
        {
            // The error says that it was removed.
        }
        catch (Exception e)
        {
            return $"the session does not work any more: {e.Message}";
        }
        if (stage.Session.Unfinished.Items.Count > 0)
            return $"unfinished: {string.Join(", ", stage.Session.Unfinished.Items)}";
        await stage.Session.CloseAsync();
        await stage.IdleAsync();
        // A session whose key was lost, or whose end is refused, can only be named.
        return stage.OpenSessions == 0 || stage.OpenSessions == 1 && stage.Told(failure).Contains("remains open until", StringComparison.Ordinal) ? null
            : $"{stage.OpenSessions} sessions are left";
    }
}

using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>Starts the VMs of one set in the order and with the delays of its StartupSections. After a failure nothing more is started.</summary>
internal sealed class VAppStart(IReadOnlyList<VAppMember> members, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
{
    // For a guest that is waited for without a delay as the limit.
    private static readonly TimeSpan s_guestLimit = TimeSpan.FromMinutes(5);

    private readonly Dictionary<OvfMachine, VAppMember> _members = members.ToDictionary(member => member.Machine);
    private readonly object _gate = new();
    private readonly HashSet<VAppMember> _started = [];

    /// <summary>The VMs that could not be started, with the reason.</summary>
    public Dictionary<VAppMember, VmDeployException> Failures { get; } = [];

    /// <summary>Those that were started.</summary>
    public IReadOnlyCollection<VAppMember> Started => _started;

    /// <summary>Those that were not, because the start of another one failed.</summary>
    public IReadOnlyList<VAppMember> Skipped { get; private set; } = [];

    /// <summary>When a machine is started, for -WhatIf.</summary>
    public static string Describe(OvfMachine machine, DeploymentRequest request)
    {
        var startup = machine.Startup;
        var order = $"start order {machine.StartOrder}";
        if (!request.PowerOn && request.WaitForIp is null)
            return $", {order}";
        if (!startup.PowersOn)
            return ", not powered on (start action 'none')";
        var limit = startup.DelaySeconds > 0 ? startup.DelaySeconds : (int)s_guestLimit.TotalSeconds;
        var next = startup.WaitsForGuest ? $", the next when its guest is ready or after {limit} s"
            : startup.DelaySeconds > 0 ? $", the next after {startup.DelaySeconds} s" : "";
        return $", power on{(request.WaitForIp is null ? "" : " and wait for an IP address")} ({order}{next})";
    }

    public async Task RunAsync(OvfGroup collection)
    {
        await StartAllAsync(collection);
        Skipped = Startable(collection).Where(member => !_started.Contains(member) && !Failures.ContainsKey(member)).ToList();
    }

    private async Task StartAllAsync(OvfGroup collection)
    {
        var steps = collection.Children.GroupBy(child => child.Startup.Order).OrderBy(step => step.Key).ToList();
        for (var i = 0; i < steps.Count && Failures.Count == 0; i++)
            await Task.WhenAll(steps[i].Where(child => child.Startup.PowersOn).Select(child => StartAsync(child, isLast: i == steps.Count - 1)));
    }

    private async Task StartAsync(OvfEntity entity, bool isLast)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (entity is OvfGroup collection)
        {
            await StartAllAsync(collection);
            if (!isLast)
                await DelayAsync(entity.Startup, new OperationProgress(0, entity.Name, ""));
        }
        else if (_members.TryGetValue((OvfMachine)entity, out var member) && await PowerOnAsync(member) && !isLast)
        {
            await (member.Machine.Startup.WaitsForGuest ? WaitForGuestAsync(member) : DelayAsync(member.Machine.Startup, member.Bar));
        }
    }

    private async Task<bool> PowerOnAsync(VAppMember member)
    {
        try
        {
            await VmStart.PowerOnAsync(member.Vm!, cancellationToken);
            lock (_gate)
                _started.Add(member);
            return true;
        }
        catch (VmDeployException e)
        {
            lock (_gate)
                Failures[member] = e;
            return false;
        }
    }

    private async Task WaitForGuestAsync(VAppMember member)
    {
        var limit = member.Machine.Startup.DelaySeconds > 0 ? TimeSpan.FromSeconds(member.Machine.Startup.DelaySeconds) : s_guestLimit;
        try
        {
            await member.Vm!.Session.Waiting.WaitAsync(member.Vm, VmCondition.Tools, limit, progress, member.Bar, cancellationToken);
        }
        catch (VmDeployException e)
        {
            member.Vm!.Session.Log.GuestNotReady(member.Name, e.Message);
        }
    }

    private async Task DelayAsync(OvfStartup startup, OperationProgress bar)
    {
        if (startup.DelaySeconds == 0 || Failures.Count > 0)
            return;
        var delay = TimeSpan.FromSeconds(startup.DelaySeconds);
        await WaitProgress.RunAsync(Task.Delay(delay, cancellationToken), bar with { Status = "Waiting before the next start" }, delay, progress);
    }

    private IEnumerable<VAppMember> Startable(OvfGroup collection) => collection.Children.Where(child => child.Startup.PowersOn).SelectMany(child =>
        child is OvfGroup inner ? Startable(inner) : _members.TryGetValue((OvfMachine)child, out var member) ? [member] : []);
}

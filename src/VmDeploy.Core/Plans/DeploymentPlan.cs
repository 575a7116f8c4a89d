using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>
/// VMs to be made, whose every name has been resolved and whose input has been checked; nothing has been changed yet.
/// Each kind of deployment on each hypervisor derives from it.
/// </summary>
public abstract class DeploymentPlan
{
    private readonly DeploymentRequest _request;
    private readonly IReadOnlyDictionary<string, Vm> _existing;
    private readonly IReadOnlyDictionary<string, VmReplacement> _replacements;

    /// <summary>Creates the plan; refuses names that are taken when the request says so.</summary>
    /// <param name="session">Where.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="existing">Those of the names that a VM has already.</param>
    protected DeploymentPlan(VmSession session, DeploymentRequest request, IReadOnlyDictionary<string, Vm> existing)
    {
        Session = session;
        _request = request;
        _existing = existing;
        if (existing.Count > 0 && request.ExistingVm == ExistingVmAction.Fail)
        {
            var names = string.Join(", ", existing.Keys.Select(n => $"'{n}'"));
            throw new VmDeployException(ErrorCodes.VmNameExists, $"{session.Server} has a VM with this name: {names}.", existing.Keys.First());
        }
        _replacements = existing.Where(_ => request.ExistingVm == ExistingVmAction.Replace)
            .ToDictionary(there => there.Key, there => new VmReplacement(there.Value), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Where.</summary>
    public VmSession Session { get; }

    /// <summary>The names to be made.</summary>
    public IReadOnlyList<string> Names => _request.Names;

    /// <summary>What happens, in words for -WhatIf, for example <c>Import tinyVM.ova</c>.</summary>
    public abstract string Action { get; }

    /// <summary>Where it goes, in words for -WhatIf, for example <c>datastore 'datastore1' on 'esxi.example.com'</c>.</summary>
    public abstract string Destination { get; }

    /// <summary>Whether making this one removes a VM that is there.</summary>
    public bool Replaces(string name) => _replacements.ContainsKey(name);

    /// <summary>What happens for one of the names, in words for -WhatIf.</summary>
    public string Describe(string name) =>
        $"{(Replaces(name) ? "Replace the VM that is there: " : IsReused(name) ? "Use the VM that is there, not: " : "")}{Action} to {Destination}";

    /// <summary>
    /// Makes the VMs, a few at a time. One that fails leaves nothing of itself on the host and does not stop the others.
    /// Returns when every one has ended, also after a cancellation.
    /// </summary>
    /// <param name="names">Which of <see cref="Names"/>.</param>
    /// <param name="done">Called for each VM as it is ready, one call at a time.</param>
    /// <param name="failed">Called for each name that failed, one call at a time.</param>
    /// <param name="progress">Bar 0 is the whole, 1.. are the VMs.</param>
    /// <param name="cancellationToken">Stops; what is half made is removed before this returns.</param>
    public async Task RunAsync(
        IReadOnlyList<string> names,
        Action<Vm> done,
        Action<string, VmDeployException> failed,
        IProgress<OperationProgress> progress,
        CancellationToken cancellationToken)
    {
        using var slots = new SemaphoreSlim(Math.Max(1, _request.ThrottleLimit));
        var whole = new OperationProgress(0, $"{Action} on {Session.Server}", "");
        object gate = new();
        int ended = 0, made = 0;
        try
        {
            Report();
            if (!names.All(IsReused))
                await PrepareAsync(progress, cancellationToken);
            var making = names.Select((name, index) => MakeInTurnAsync(name, index + 1)).ToArray();
            await Task.WhenAll(names.Select((name, index) => HandOverAsync(name, making[index], making)));
        }
        finally
        {
            await EndAsync(made);
            progress.Report(whole with { IsCompleted = true });
        }
        cancellationToken.ThrowIfCancellationRequested();

        async Task<Vm?> MakeInTurnAsync(string name, int number)
        {
            await slots.WaitAsync(CancellationToken.None);
            try
            {
                if (cancellationToken.IsCancellationRequested)
                    return null;
                var vm = await ReuseOrMakeAsync(name, number, progress, cancellationToken);
                if (!IsReused(name))
                    Interlocked.Increment(ref made);
                return vm;
            }
            catch (VmDeployException e)
            {
                End(() => failed(name, e));
                return null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Said once, when all have ended.
                return null;
            }
            finally
            {
                slots.Release();
            }
        }

        async Task HandOverAsync(string name, Task<Vm?> own, Task<Vm?>[] all)
        {
            if (await own is not { } vm)
                return;
            if (IsNeededByOthers(vm))
                await Task.WhenAll(all);
            try
            {
                if (_replacements.TryGetValue(name, out var replacement))
                    await replacement.RemoveOldAsync();
                if ((_request.PowerOn || _request.WaitForIp is not null) && !cancellationToken.IsCancellationRequested)
                    await StartAsync(vm, cancellationToken);
                End(() => done(vm));
            }
            catch (VmDeployException e)
            {
                End(() => failed(name, e));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Said once, when all have ended.
            }
        }

        void End(Action tell)
        {
            lock (gate)
            {
                ended++;
                Report();
                tell();
            }
        }

        void Report() => progress.Report(whole with { Status = $"{ended} of {names.Count}", Percent = ended * 100 / names.Count });
    }

    /// <summary>Makes one VM, whole, powered off; on any failure nothing of it is left.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="number">Its bar for progress; the parent is bar 0.</param>
    /// <param name="progress">Bytes and steps.</param>
    /// <param name="cancellationToken">Stops it.</param>
    protected abstract Task<Vm> MakeAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken);

    /// <summary>What is done once, before the first VM.</summary>
    protected virtual Task PrepareAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Whether other VMs of the plan are being copied from this one. Then it is started and handed over after them: who gets it
    /// first could start it, and a running VM can't be copied.
    /// </summary>
    protected virtual bool IsNeededByOthers(Vm vm) => false;

    /// <summary>What is done once, after the last VM, also after failures; <paramref name="made"/> VMs were made whole (those reused do not count).</summary>
    protected virtual Task EndAsync(int made) => Task.CompletedTask;

    private bool IsReused(string name) => _request.ExistingVm == ExistingVmAction.Reuse && _existing.ContainsKey(name);

    private Task<Vm> ReuseOrMakeAsync(string name, int number, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        if (IsReused(name))
            return Task.FromResult(_existing[name]);
        Task<Vm> Make() => MakeAsync(name, number, progress, cancellationToken);
        return _replacements.TryGetValue(name, out var replacement) ? replacement.MakeAsync(Make, cancellationToken) : Make();
    }

    private async Task StartAsync(Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            await Session.StartVmAsync(vm, cancellationToken);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"{vm.Name} is there, but can't be powered on: {e.Message}", vm, e, e.Hint);
        }
        if (_request.WaitForIp is not { } limit)
            return;
        try
        {
            await Session.WaitVmAsync(vm, VmCondition.IpAddress, limit, cancellationToken);
        }
        catch (VmDeployException e)
        {
            throw new VmDeployException(e.Code, $"{vm.Name} is there and powered on, but has no address: {e.Message}", vm, e, e.Hint);
        }
    }
}

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on parts of VMs: those piped in, or those of VMs, where a VM with several needs a label.</summary>
/// <typeparam name="T">The kind of part.</typeparam>
public abstract class DeviceActionCmdlet<T> : SessionCmdlet
    where T : class, IVmDevice
{
    /// <summary>Prepares the action, before the first part.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Acts on one part, after confirmation.</summary>
    protected abstract Task ActAsync(T device, CancellationToken cancellationToken);

    /// <summary>What was given.</summary>
    private protected abstract IReadOnlyList<DeviceOrVm<T>> Given { get; }

    /// <summary>Labels of the wanted parts, with wildcards; null for the only one of each VM.</summary>
    private protected virtual string[]? Labels => null;

    /// <summary>Whether a VM with only one part needs a label too, because the action deletes data.</summary>
    private protected virtual bool NeedsLabel => false;

    /// <summary>The parts of a VM as they are now.</summary>
    private protected abstract Task<IReadOnlyList<T>> ReadAsync(Vm vm, CancellationToken cancellationToken);

    /// <summary>The kind of part for messages, and the errors for none and for several.</summary>
    private protected abstract (string Kind, ErrorCode Missing, ErrorCode Ambiguous) Words { get; }

    /// <summary>The part for prompts and -WhatIf.</summary>
    private protected static string Describe(T device) => $"{device.Label} of {device.Vm} on {device.Vm.Server}";

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync();
        var found = Given.Select(one => one.Device).OfType<T>().ToList();
        foreach (var vm in await FindVmsAsync(Given.Select(one => one.Vm).OfType<VmOrName>().ToList(), cancellationToken))
            await TryAsync(async () => found.AddRange(await ChooseAsync(vm, cancellationToken)));
        foreach (var device in found)
        {
            await TryAsync(() =>
            {
                UseSessionOf(device.Vm);
                return ActAsync(device, cancellationToken);
            });
        }
    }

    private async Task<IReadOnlyList<T>> ChooseAsync(Vm vm, CancellationToken cancellationToken)
    {
        UseSessionOf(vm);
        var all = await ReadAsync(vm, cancellationToken);
        if (Labels is { } labels)
            return DeviceLabels.Choose(vm, all, labels, Words.Kind, Words.Missing, WriteError);
        return all.Count == 1 && !NeedsLabel ? all : throw new VmDeployException(Words.Ambiguous, all.Count == 0
            ? $"{vm} has no {Words.Kind}."
            : $"{vm} has {all.Count} {Words.Kind}{(all.Count == 1 ? "" : "s")}: {string.Join(", ", all.Select(one => $"'{one.Label}'"))}.", vm);
    }
}

/// <summary>Chooses parts of a VM by their labels.</summary>
internal static class DeviceLabels
{
    /// <summary>Those with one of the labels; reports each label without wildcards that none has.</summary>
    public static IReadOnlyList<T> Choose<T>(Vm vm, IReadOnlyList<T> all, string[] labels, string kind, ErrorCode missing, Action<Exception> report)
        where T : IVmDevice
    {
        var filter = new NameFilter(labels);
        var found = all.Where(one => filter.Matches(one.Label)).ToList();
        foreach (var label in filter.Unmatched)
        {
            var labelled = all.Count == 0 ? $"It has no {kind}." : $"Available: {string.Join(", ", all.Select(one => $"'{one.Label}'"))}.";
            report(new VmDeployException(missing, $"{vm} has no {kind} '{label}'. {labelled}", label));
        }
        return found;
    }
}

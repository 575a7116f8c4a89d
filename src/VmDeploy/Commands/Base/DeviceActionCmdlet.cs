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
    private protected abstract IReadOnlyList<DeviceOrVm<T>> GivenParts { get; }

    /// <summary>Labels of the wanted parts, with wildcards; null for the only one of each VM.</summary>
    private protected abstract string[]? Labels { get; }

    /// <summary>Whether a VM with only one part needs a label too, because the action deletes data.</summary>
    private protected virtual bool NeedsLabel => false;

    private protected abstract DeviceKind<T> Kind { get; }

    /// <summary>The part for prompts and -WhatIf; with the path or id of its VM if the name may not be unique.</summary>
    private protected string Describe(T device) =>
        $"{device.Label} of {Describe(device.Vm)}";

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync();
        var found = GivenParts.Select(one => one.Device).OfType<T>().ToList();
        var vms = await FindVmsAsync(GivenParts.Select(one => one.Vm).OfType<VmOrName>().ToList(), cancellationToken);
        RememberUniqueNames(GivenParts.All(one => one.Vm?.Name is not null) ? vms : null);
        foreach (var vm in vms)
            await TryAsync(vm, async () => found.AddRange(await ChooseAsync(vm, cancellationToken)));
        foreach (var device in found)
            await TryAsync(device.Vm, () => ActAsync(device, cancellationToken));
    }

    private async Task<IReadOnlyList<T>> ChooseAsync(Vm vm, CancellationToken cancellationToken)
    {
        var all = await Kind.ReadAsync(vm, cancellationToken);
        // An empty cell of a CSV file is none; an empty variable must not choose the only part.
        string[] labels = IsTyped("Label")
            ? [.. (Labels ?? []).DefaultIfEmpty("").Select(label => label ?? "")]
            : [.. (Labels ?? []).Where(label => !string.IsNullOrEmpty(label))];
        return labels.Length > 0 ? Kind.Choose(vm, all, labels, failure => WriteError(vm, failure)) : [Kind.Single(vm, all, NeedsLabel)];
    }
}

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that lists the parts of one kind of VMs.</summary>
/// <typeparam name="T">The kind of part.</typeparam>
public abstract class GetDeviceCmdlet<T> : VmActionCmdlet
    where T : class, IVmDevice
{
    /// <summary>Labels, with wildcards; null for all.</summary>
    private protected abstract string[]? Labels { get; }

    private protected abstract DeviceKind<T> Kind { get; }

    /// <inheritdoc/>
    protected sealed override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var all = await Kind.ReadAsync(vm, cancellationToken);
        foreach (var one in Labels is null ? all : Kind.Choose(vm, all, Labels, failure => WriteError(vm, failure)))
            WriteObject(one);
    }
}

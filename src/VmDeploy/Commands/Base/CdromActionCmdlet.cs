namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that acts on CD-ROM drives: those piped in, or the only drive of a VM.</summary>
public abstract class CdromActionCmdlet : SessionCmdlet
{
    /// <summary>The drives, from Get-VmCdrom; or VMs with one drive, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public CdromOrVm[] Cdrom { get; set; } = [];

    /// <summary>Prepares the action, before the first drive.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Acts on one drive, after confirmation.</summary>
    protected abstract Task ActAsync(VmCdrom cdrom, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync();
        var found = Cdrom.Select(one => one.Cdrom).OfType<VmCdrom>().ToList();
        foreach (var vm in await FindVmsAsync(Cdrom.Select(one => one.Vm).OfType<VmOrName>().ToList(), cancellationToken))
            await TryAsync(async () => found.Add(await OnlyDriveAsync(vm, cancellationToken)));
        foreach (var cdrom in found)
        {
            await TryAsync(() =>
            {
                UseSessionOf(cdrom.Vm);
                return ActAsync(cdrom, cancellationToken);
            });
        }
    }

    private async Task TryAsync(System.Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (VmDeployException e)
        {
            WriteError(e);
        }
    }

    private async Task<VmCdrom> OnlyDriveAsync(Vm vm, CancellationToken cancellationToken)
    {
        var drives = await UseSessionOf(vm).GetCdromsAsync(vm, cancellationToken);
        return drives.Count == 1 ? drives[0] : throw new VmDeployException(ErrorCodes.AmbiguousCdrom,
            drives.Count == 0
                ? $"{vm} has no CD-ROM drive."
                : $"{vm} has {drives.Count} CD-ROM drives: {string.Join(", ", drives.Select(drive => $"'{drive.Label}'"))}.", vm);
    }
}

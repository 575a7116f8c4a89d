namespace VmDeploy.PowerShell;

/// <summary>Removes a file or folder of a datastore, or a VDI of XenServer; one that a VM uses is refused.</summary>
[Cmdlet(VerbsCommon.Remove, "VmDatastoreFile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmDatastoreFileCommand : DatastoreFileCmdlet
{
    /// <summary>Remove a folder with its contents.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var session = SessionOfFile();
        var plan = await session.DatastoreFiles.PlanRemoveAsync(Request() with { Recurse = Recurse }, cancellationToken);
        if (await ShouldProcessAsync(session.Server, $"Remove {plan.Description}"))
            await plan.RunAsync(Progress, cancellationToken);
    }
}

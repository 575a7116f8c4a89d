namespace VmDeploy.PowerShell;

/// <summary>Removes a file or folder of a datastore, or a VDI of XenServer; one that a VM uses is refused.</summary>
[Cmdlet(VerbsCommon.Remove, "VmDatastoreFile", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveVmDatastoreFileCommand : DatastoreFileCmdlet
{
    /// <summary>Remove a folder with its contents.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    private protected override async Task ActAsync(VmSession session, DatastoreFileRequest file, CancellationToken cancellationToken)
    {
        var plan = await session.DatastoreFiles.PlanRemoveAsync(file with { Recurse = Recurse }, cancellationToken);
        if (await ShouldProcessAsync(session.Server, $"Remove {plan.Description}"))
            await plan.RunAsync(Progress, cancellationToken);
    }
}

namespace VmDeploy.PowerShell;

/// <summary>Downloads a file of a datastore, or a VDI of XenServer.</summary>
[Cmdlet(VerbsCommunications.Receive, "VmDatastoreFile", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ReceiveVmDatastoreFileCommand : DatastoreFileCmdlet
{
    private readonly HashSet<string> _targets = [];

    /// <summary>The local file, or a folder for it; by default the current folder.</summary>
    [Parameter(Position = 2)]
    [LocalPath]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = ".";

    /// <summary>Overwrite an existing local file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private protected override Type[] Others => [typeof(VmDisk)];

    private protected override bool Takes(DatastoreFile file) => file.Type != "Folder";

    private protected override async Task ActAsync(VmSession session, DatastoreFileRequest file, CancellationToken cancellationToken)
    {
        var local = await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, Destination));
        var isFolder = Destination.EndsWith("/", StringComparison.Ordinal) || Destination.EndsWith("\\", StringComparison.Ordinal);
        var request = file with { Destination = isFolder ? local.TrimEnd('/', '\\') + "/" : local, Force = Force };
        var plan = await session.DatastoreFiles.PlanReceiveAsync(request, cancellationToken);
        if (_targets.Contains(plan.LocalPath!))
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"Another file of this command is written to '{plan.LocalPath}'.", plan.LocalPath, hint: ErrorHint.FolderForAll);
        var isConfirmed = await ShouldProcessAsync(session.Server, $"Receive {plan.Description}");
        if (isConfirmed || await OnPipelineThreadAsync(WhatIf))
            _targets.Add(plan.LocalPath!);
        if (isConfirmed)
            WriteObject(await plan.RunAsync(Progress, cancellationToken));
    }
}

using System.Text;

namespace VmDeploy.PowerShell;

/// <summary>Writes a deployment's file for VMs that exist, as a start.</summary>
[Cmdlet(VerbsData.Export, "VmDeployment", SupportsShouldProcess = true, DefaultParameterSetName = ByVm)]
[OutputType(typeof(FileInfo))]
public sealed class ExportVmDeploymentCommand : VmOrNameCmdlet
{
    private readonly List<Vm> _vms = [];

    /// <summary>The file to write.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [LocalPath]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The name of the deployment; by default that of the file.</summary>
    [Parameter]
    [PlainText]
    public string? DeploymentName { get; set; }

    /// <summary>Overwrite a file that exists.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override Task ProcessRecordAsync(CancellationToken cancellationToken) => ForEachVmAsync(vm =>
    {
        _vms.Add(vm);
        return Task.CompletedTask;
    }, cancellationToken);

    private protected override bool HasRemainingWork => _vms.Count > 0;

    private protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        var path = await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, Path));
        if (File.Exists(path) && !Force)
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"File '{path}' already exists.", path);
        var name = DeploymentName ?? System.IO.Path.GetFileNameWithoutExtension(path);
        if (!await ShouldProcessAsync(path, $"Write the deployment '{name}' with {_vms.Count} {(_vms.Count == 1 ? "machine" : "machines")}"))
            return;
        try
        {
            File.WriteAllText(path, DeploymentWriter.Write(name, _vms), new UTF8Encoding(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new VmDeployException(ErrorCodes.LocalFileNotWritable, $"'{path}' can't be written: {e.Message}", path, e);
        }
        WriteObject(new FileInfo(path));
    }
}

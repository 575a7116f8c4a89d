namespace VmDeploy.PowerShell;

/// <summary>Takes screenshots of the consoles of VMs.</summary>
[Cmdlet(VerbsCommon.Get, "VmScreenshot", DefaultParameterSetName = ByVm)]
[OutputType(typeof(VmScreenshot))]
public sealed class GetVmScreenshotCommand : VmActionCmdlet
{
    // With -Force, the second VM must not overwrite the picture of the first.
    private readonly HashSet<string> _saved = [];

    /// <summary>File to save the picture to, or a folder.</summary>
    [Parameter(Position = 1)]
    [LocalPath]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Overwrite an existing file.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task ActAsync(Vm vm, CancellationToken cancellationToken)
    {
        var path = Path is null ? null : await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, Path));
        var picture = await vm.Session.Screen.CaptureAsync(vm, cancellationToken);
        if (path is not null)
        {
            if (_saved.Contains(picture.FileFor(path)))
                throw new VmDeployException(ErrorCodes.LocalFileExists, $"The picture of another VM of this command is in '{picture.FileFor(path)}'.", path, hint: ErrorHint.FolderForAll);
            picture = picture.Save(path, Force);
            _saved.Add(picture.Path!);
            if (System.IO.Path.GetExtension(picture.Path) is var extension && !IsUsual(extension, picture))
                WriteWarning($"'{picture.Path}' contains a {picture.Format} picture, which doesn't match its extension.");
        }
        WriteObject(picture);
    }

    private static bool IsUsual(string extension, VmScreenshot picture) => extension.Length == 0
        || extension.Equals(picture.Extension, StringComparison.OrdinalIgnoreCase)
        || picture.Format == "JPEG" && extension.Equals(".jpeg", StringComparison.OrdinalIgnoreCase);
}

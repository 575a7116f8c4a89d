using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Shows the contents of an OVA, without a host.</summary>
[Cmdlet(VerbsCommon.Get, "VmOva", DefaultParameterSetName = ByPath)]
[OutputType(typeof(OvaSummary))]
public sealed class GetVmOvaCommand : RecordCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    /// <summary>Paths of packages, with wildcards, or addresses.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("ovf_path", "ova_path", "uri")]
    [SupportsWildcards]
    [LocalPath(List = true)]
    public string[] Path { get; set; } = [];

    /// <summary>Literal paths.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LP")]
    [LocalPath(List = true)]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>The login of the web server that the package is on.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("uri_credential")]
    [Login]
    public PSCredential? UriCredential { get; set; }

    /// <summary>The only certificate to accept from that web server, SHA-256 or SHA-1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("uri_thumbprint")]
    [PlainText]
    public string? UriThumbprint { get; set; }

    /// <summary>The hash that the file must have, for example <c>SHA256:9f86...</c>.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("file_hash")]
    [PlainText]
    public string? FileHash { get; set; }

    /// <summary>Read every file and compare it with the manifest.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        foreach (var file in await OnPipelineThreadAsync(Files))
            await TryAsync(() => ShowAsync(file, cancellationToken));
    }

    private async Task ShowAsync(string file, CancellationToken cancellationToken)
    {
        using var package = await OvaPackage.OpenAsync(PackagePaths.Locate(file, UriCredential, NoText(FileHash), NoText(UriThumbprint), Progress, WriteWarning), cancellationToken);
        var verification = Verify ? await package.VerifyAsync(Progress, cancellationToken) : null;
        WriteObject(new OvaSummary(package, verification));
        foreach (var result in verification?.Files ?? [])
        {
            Report(() => result.ThrowIfMismatch(file));
            if (result.DigestState == OvaDigestState.NotListed)
                WriteWarning($"The manifest of '{file}' does not list '{result.Name}', so its content could not be verified.");
            if (result.DigestState == OvaDigestState.Missing)
                WriteError(new VmDeployException(ErrorCodes.OvaFileMissing, $"The manifest of '{file}' lists '{result.Name}', which the package does not contain.", result.Name));
        }

        if (Verify)
            Report(package.Signature.ThrowIfInvalid);
    }

    // An empty cell of a file counts as absent.
    private static string? NoText(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private void Report(Action check)
    {
        try
        {
            check();
        }
        catch (VmDeployException e)
        {
            WriteError(e);
        }
    }

    private List<string> Files(PSCmdlet cmdlet) => ParameterSetName == ByLiteralPath
        ? LiteralPath.Select(path => PackagePaths.ResolveLiteral(cmdlet, path)).ToList()
        : Path.SelectMany(path => PackagePaths.Resolve(cmdlet, path)).ToList();
}

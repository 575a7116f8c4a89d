using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>A cmdlet that works on the machines of a deployment's file.</summary>
public abstract class DeploymentCmdlet : RecordCmdlet
{
    /// <summary>The parameter set of files.</summary>
    private protected const string ByPath = "Path";

    /// <summary>The file: JSON, or PowerShell data in a <c>.psd1</c>.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [FilePath]
    [Alias("FullName", "LiteralPath", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>A hashtable, or an object, with the keys of a file.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(Deployment))]
    [ValidateNotNull]
    public object? Deployment { get; set; }

    /// <summary>The login of the hosts to which no session is open: one for all, or a hashtable with one for each by its name in the file.</summary>
    [Parameter]
    [ValidateNotNull]
    public object? Credential { get; set; }

    /// <summary>File to append a log to, one JSON object per line.</summary>
    [Parameter]
    [LocalPath]
    public string? LogPath { get; set; }

    private protected override bool PromptsAtTerminalOnly => true;

    /// <summary>One of several files that fails does not stop the others.</summary>
    protected override bool EndsPipeline(VmDeployException failure) => !MyInvocation.ExpectingInput;

    /// <summary>Works on the deployment.</summary>
    /// <param name="file">The file.</param>
    /// <param name="deployment">Its machines on the hosts that were reached.</param>
    /// <param name="unreached">The other machines.</param>
    /// <param name="cancellationToken">Stops it.</param>
    private protected abstract Task RunAsync(DeploymentFile file, DeploymentSpec deployment, IReadOnlyList<MachineStatus> unreached, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ProcessRecordAsync(CancellationToken cancellationToken)
    {
        var log = LogPath is null ? null : await OnPipelineThreadAsync(cmdlet => FilePaths.ResolveLiteral(cmdlet, LogPath));
        if (log is not null)
        {
            JsonLines.Try(log);
            LogTo(log);
        }
        var file = await OnPipelineThreadAsync(cmdlet => ParameterSetName == ByPath
            ? DeploymentFileReader.Read(cmdlet, FilePaths.ResolveOne(cmdlet, Path), WriteWarning) : DeploymentFileReader.Read(cmdlet, Deployment!, WriteWarning));
        var open = Sessions.Connections;
        var missing = DeploymentSessions.WithoutSession(file.Hosts, open);
        foreach (var host in missing.Where(one => one.SkipCertificateCheck))
            WarnUncheckedCertificate(host.Server);
        var logins = await OnPipelineThreadAsync(cmdlet => missing.Select(host => (host.Name, Login: FindLogin(cmdlet, host))).Where(one => one.Login is not null).ToDictionary(one => one.Name, one => one.Login!));
        using var sessions = await DeploymentSessions.OpenAsync(file.Hosts, open, logins, log, cancellationToken);
        foreach (var session in sessions.ByHost.Values)
            Track(session);
        // A host that can't be reached does not keep the others from their work.
        foreach (var failure in sessions.Failures)
            WriteError(failure);
        var deployment = file.On(sessions.ByHost);
        await RunAsync(file, deployment, file.Unreached(deployment), cancellationToken);
    }

    /// <summary>Makes the machines of a deployment as it wants them, after confirmation of each; no other run of the file goes on meanwhile.</summary>
    private protected async Task ApplyAsync(DeploymentFile file, DeploymentSpec deployment, DeploymentOptions options, CancellationToken cancellationToken)
    {
        using var taken = await OnPipelineThreadAsync(WhatIf) ? null : DeploymentLock.Take(file);
        using var run = await DeploymentRun.PlanAsync(deployment, options, cancellationToken);
        var chosen = new List<PlannedMachine>();
        var unchanged = new List<MachineStatus>();
        foreach (var machine in run.Machines)
        {
            if (machine.Refusal is { } refusal)
                WriteError(About(machine.Status, refusal));
            else if (machine.IsAwaited)
                unchanged.Add(machine.Status with { Done = MachineAction.None });
            else if (machine.Action == MachineAction.None)
                WriteObject(machine.Status with { Done = MachineAction.None });
            else
                await TryAsync(async () => { if (await IsConfirmedAsync(machine)) chosen.Add(machine); });
        }
        if (chosen.Count > 0)
            await run.RunAsync(chosen, WriteObject, (machine, failure) => WriteError(About(machine.Status, failure)), Progress, cancellationToken);
        else
            await WriteObjectsAsync(unchanged);
    }

    /// <summary>A failure with the name of its machine, which its own text may lack.</summary>
    private protected static VmDeployException About(MachineStatus machine, VmDeployException failure) =>
        new(failure.Code, failure.Message.Contains(machine.Name) ? failure.Message : $"{machine.Name}: {failure.Message}", machine.Name, failure,
            failure.Code == ErrorCodes.ToolsNotRunning ? ErrorHint.ForceDeployment : failure.Hint);

    private Task<bool> IsConfirmedAsync(PlannedMachine machine) => machine.IsDestructive
        ? ShouldProcessHighImpactAsync(machine.ToString(), machine.Description) : ShouldProcessAsync(machine.ToString(), machine.Description);

    private PSCredential? FindLogin(PSCmdlet cmdlet, DeploymentHost host)
    {
        var given = PlainValue.Of(Credential);
        switch (given)
        {
            case PSCredential login:
                return login;
            case IDictionary map:
                foreach (DictionaryEntry entry in map)
                {
                    if (string.Equals(LanguagePrimitives.ConvertTo<string>(entry.Key), host.Name, StringComparison.OrdinalIgnoreCase))
                        return PlainValue.Of(entry.Value) as PSCredential
                            ?? throw new VmDeployException(ErrorCodes.CredentialMissing, $"The login of '{host.Name}' is not a PSCredential.", host.Name);
                }
                break;
            case not null:
                throw new VmDeployException(ErrorCodes.CredentialMissing, $"A PSCredential, or a hashtable with one for each host, is required, not {given.GetType().Name}.");
        }
        return host.Secret is null ? null : FindSecret(cmdlet, host);
    }

    private static PSCredential FindSecret(PSCmdlet cmdlet, DeploymentHost host)
    {
        try
        {
            var found = cmdlet.InvokeCommand.InvokeScript("param($name) Get-Secret -Name $name -ErrorAction Stop", host.Secret);
            return found.Count == 1 && found[0]?.BaseObject is PSCredential login ? login
                : throw new VmDeployException(ErrorCodes.CredentialMissing, $"The secret '{host.Secret}' of '{host.Name}' is not a PSCredential.", host.Name);
        }
        catch (RuntimeException e)
        {
            throw new VmDeployException(ErrorCodes.CredentialMissing, $"The secret '{host.Secret}' of '{host.Name}' can't be read: {e.Message}", host.Name, e);
        }
    }
}

using System.Management.Automation;
using System.Management.Automation.Runspaces;
using VmDeploy.QuickStart;

namespace VmDeploy.Tests.Cmdlets;

/// <summary>Replacements for commands of PowerShell's own modules that tests use; the engine package lacks them.</summary>
internal static class ShellCommands
{
    public static void AddTo(InitialSessionState state)
    {
        state.Commands.Add(new SessionStateCmdletEntry("ConvertFrom-Json", typeof(ConvertFromJsonCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("ConvertTo-Json", typeof(ConvertToJsonCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("Select-Object", typeof(SelectObjectCommand), null));
        state.Commands.Add(new SessionStateFunctionEntry("Get-Content", "param($Path) [IO.File]::ReadAllText($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path))"));
        state.Commands.Add(new SessionStateFunctionEntry("Write-Output", "param([Parameter(ValueFromPipeline)]$InputObject, [switch]$NoEnumerate) process { $InputObject }"));
    }
}

/// <summary><c>Select-Object -First</c>: stops the commands before it as PowerShell's own does.</summary>
[Cmdlet(VerbsCommon.Select, "Object")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private int _taken;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true)]
    public int First { get; set; }

    protected override void ProcessRecord()
    {
        if (_taken < First)
            WriteObject(InputObject);
        if (++_taken >= First)
            throw StopUpstream();
    }

    // The exception is the engine's own and not public.
    private Exception StopUpstream()
    {
        var type = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
        var constructor = type.GetConstructors(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic).Single();
        return (Exception)constructor.Invoke([this]);
    }
}

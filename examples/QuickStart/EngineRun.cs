using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

namespace VmDeploy.QuickStart;

/// <summary>The same script through the module in the PowerShell engine, hosted by this process, where no PowerShell is installed.</summary>
internal static class EngineRun
{
    public static async Task RunAsync(string module, string folder, HostLogin login, CancellationToken cancellationToken)
    {
        // The engine's package lacks the modules that these commands come from.
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Add(new SessionStateCmdletEntry("ConvertFrom-Json", typeof(ConvertFromJsonCommand), null));
        state.Commands.Add(new SessionStateCmdletEntry("ConvertTo-Json", typeof(ConvertToJsonCommand), null));
        state.Commands.Add(new SessionStateFunctionEntry("Get-Content",
            "param($Path) [IO.File]::ReadAllText($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path))"));
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
        // Closing the runspace logs out of the sessions that are open.
        using var runspace = RunspaceFactory.CreateRunspace(new ConsoleHost(), state);
        runspace.Open();
        runspace.SessionStateProxy.Path.SetLocation(folder);
        Environment.SetEnvironmentVariable("QUICKSTART_PASSWORD", login.Password);
        using var shell = Shell.Create(runspace);
        shell.AddScript(await File.ReadAllTextAsync(Path.Combine(folder, "quickstart.ps1"), cancellationToken));
        shell.AddParameter("Module", module).AddParameter("Kind", login.Kind).AddParameter("Server", login.Server).AddParameter("Port", login.Port)
            .AddParameter("Thumbprint", login.Thumbprint).AddParameter("UserName", login.UserName);
        await using var stop = cancellationToken.Register(() => shell.BeginStop(null, null));
        try
        {
            await shell.InvokeAsync();
        }
        catch (RuntimeException e)
        {
            throw new InvalidOperationException($"{e.ErrorRecord.FullyQualifiedErrorId}: {e.Message} {e.ErrorRecord.ErrorDetails?.RecommendedAction}", e);
        }
    }
}

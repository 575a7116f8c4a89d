using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Shell = System.Management.Automation.PowerShell;

// A PowerShell engine and nothing else: no library that the module could find outside its own folder. Runs the script on
// standard input, prints what it emits, and ends with 1 and the error if it fails.
var state = InitialSessionState.CreateDefault2();
if (OperatingSystem.IsWindows())
    state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.Bypass;
using var runspace = RunspaceFactory.CreateRunspace(state);
runspace.Open();
using var shell = Shell.Create(runspace);
try
{
    foreach (var value in shell.AddScript("$ErrorActionPreference = 'Stop'\n" + Console.In.ReadToEnd()).Invoke())
        Console.WriteLine(value);
    return 0;
}
catch (RuntimeException e)
{
    Console.WriteLine($"{e.ErrorRecord.FullyQualifiedErrorId}: {e}");
    return 1;
}

# The probe cmdlets, and separate shells to stop from outside.
if (-not ('Probe' -as [type])) {
    $base = (Get-Module VmDeploy).ModuleBase
    Add-Type -Path "$PSScriptRoot/DispatcherProbe.cs" -CompilerOptions '-nowarn:1701,1702' -ReferencedAssemblies @(
        (Join-Path $base 'VmDeploy.dll'), (Join-Path $base 'VmDeploy.Core.dll'), [psobject].Assembly.Location
        'netstandard', 'System.Runtime', 'System.Threading', 'System.Threading.Tasks')
}
Import-Module ([Probe].Assembly)

function New-Shell {
    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule($ModulePath)
    $shell = [powershell]::Create($state)
    $null = $shell.AddScript('Import-Module ([Probe].Assembly)').Invoke()
    $shell.Commands.Clear()
    $shell
}

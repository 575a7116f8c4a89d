# The assemblies that are compiled for this runtime, if the package has them. Other runtimes, and Windows PowerShell, can't load these.
$compiled = "$PSScriptRoot/compiled/$([Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)/VmDeploy.dll"
if (-not (Microsoft.PowerShell.Core\Import-Module $compiled -Force -PassThru -ErrorAction Ignore)) {
    Microsoft.PowerShell.Core\Import-Module "$PSScriptRoot/VmDeploy.dll" -Force -ErrorAction Stop
}

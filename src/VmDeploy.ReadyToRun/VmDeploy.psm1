# The assemblies that are compiled for this runtime, if the package has them: other runtimes, and Windows PowerShell, can't load those.
$compiled = "$PSScriptRoot/compiled/$([Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)/VmDeploy.dll"
Import-Module $(if ([IO.File]::Exists($compiled)) { $compiled } else { "$PSScriptRoot/VmDeploy.dll" }) -ErrorAction Stop

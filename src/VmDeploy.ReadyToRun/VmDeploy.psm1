# The assemblies that are compiled for this runtime, if the package has them. Other runtimes, and Windows PowerShell, can't load these.
try { Import-Module "$PSScriptRoot/compiled/$([Runtime.InteropServices.RuntimeInformation]::RuntimeIdentifier)/VmDeploy.dll" -Force -ErrorAction Stop }
catch { Import-Module "$PSScriptRoot/VmDeploy.dll" -Force -ErrorAction Stop }

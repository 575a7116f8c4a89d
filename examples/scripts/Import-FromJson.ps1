<#
.SYNOPSIS
Imports an OVA as many times as a JSON file says.

.DESCRIPTION
The keys of the file bind to the parameters of Import-VmOva: ovf_path, num_instances, vm_name_prefix, datastore, host_name
and so on (Get-Help about_VmDeploy_Json lists them). The file contains one job or an array of jobs; if one fails, the script
continues with the others. The disks are sent once for all VMs of a job. Relative paths are relative to the current location.

.PARAMETER Server
The ESXi host or vCenter.

.PARAMETER Credential
Its account.

.PARAMETER ConfigPath
The JSON file.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.OUTPUTS
VmDeploy.Vm, in the state after the import.

.EXAMPLE
./scripts/Import-FromJson.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question7.json -WhatIf

Run in the folder examples: looks up every name, and says what would be created.

.EXAMPLE
./scripts/Import-FromJson.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question7.json

Creates tinyVM1, tinyVM2 and tinyVM3.
#>
#Requires -Version 5.1
#Requires -Modules VmDeploy
[CmdletBinding(SupportsShouldProcess)]
[OutputType('VmDeploy.Vm')]
param(
    [Parameter(Mandatory, Position = 0)]
    [string]$Server,

    [Parameter(Mandatory, Position = 1)]
    [System.Management.Automation.Credential()]
    [pscredential]$Credential,

    [Parameter(Mandatory, Position = 2)]
    [string]$ConfigPath,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$connection = @{ Server = $Server; Credential = $Credential; Port = $Port }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }

$jobs = Get-Content -LiteralPath $ConfigPath -Raw -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json
# A session that is already open remains open. Without a session the script must end.
$open = @(Get-VmSession)
$session = try { Connect-Esxi @connection } catch { throw }
try {
    $jobs | Import-VmOva -Session $session
}
finally {
    if ($session -notin $open) { Disconnect-Esxi $session }
}

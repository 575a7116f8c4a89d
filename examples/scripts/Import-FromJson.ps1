<#
.SYNOPSIS
Imports an OVA as many times as a JSON file says.

.DESCRIPTION
The keys of the file bind to the parameters of Import-VmOva: ovf_path, num_instances, vm_name_prefix, datastore, host_name
and so on (Get-Help about_VmDeploy lists them). The file may hold one job or an array of them; one that fails does not stop
the others. The disks go over the wire once for all VMs of a job. Relative paths start at the present location.

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
VmDeploy.Vm, each as it was when it was made.

.EXAMPLE
./scripts/Import-FromJson.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question7.json -WhatIf

Run in the folder examples: says what would be made, and looks every name up.

.EXAMPLE
./scripts/Import-FromJson.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question7.json

Makes tinyVM1, tinyVM2 and tinyVM3.
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

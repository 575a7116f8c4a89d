<#
.SYNOPSIS
Imports an OVA once, and clones the VM as often as a JSON file says.

.DESCRIPTION
The file is used for both steps: ovf_path and vm_name_prefix describe the source, num_clones the number of copies. An existing
source is used unchanged. The script works on a standalone ESXi host too, which itself can't clone VMs. Relative paths are
relative to the current location.

.PARAMETER Server
The ESXi host or vCenter.

.PARAMETER Credential
Its account.

.PARAMETER ConfigPath
The JSON file.

.PARAMETER Linked
Creates linked clones: fast and small, but they depend on the source.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.OUTPUTS
VmDeploy.Vm, the clones.

.EXAMPLE
./scripts/New-ClonesFromJson.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question8.json

Run in the folder examples: creates tinyVM1, and its copies tinyVM_clone1 to tinyVM_clone4.
#>
#Requires -Version 5.1
#Requires -Modules VmDeploy
[CmdletBinding()]
[OutputType('VmDeploy.Vm')]
param(
    [Parameter(Mandatory, Position = 0)]
    [string]$Server,

    [Parameter(Mandatory, Position = 1)]
    [System.Management.Automation.Credential()]
    [pscredential]$Credential,

    [Parameter(Mandatory, Position = 2)]
    [string]$ConfigPath,

    [switch]$Linked,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$connection = @{ Server = $Server; Credential = $Credential; Port = $Port }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }

$job = Get-Content -LiteralPath $ConfigPath -Raw -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json
# A session that is already open remains open. Without a session the script must end.
$open = @(Get-VmSession)
$session = try { Connect-Esxi @connection } catch { throw }
try {
    # Without a source there is nothing to clone.
    $null = $job | Import-VmOva -Session $session -ExistingVm Reuse -ErrorAction Stop
    $job | New-VmClone -Session $session -Linked:$Linked
}
finally {
    if ($session -notin $open) { Disconnect-Esxi $session }
}

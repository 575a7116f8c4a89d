<#
.SYNOPSIS
Creates an empty VM with a disk, a network adapter and an ISO to boot from, and powers it on.

.DESCRIPTION
The JSON file describes the VM (vm_name_prefix, datastore, iso_path, and optionally cpu, memory, disk, guest_id, network).
Its iso_path names an ISO on a datastore; -IsoPath replaces it, for example with a local ISO, which is uploaded first.

.PARAMETER Server
The ESXi host or vCenter.

.PARAMETER Credential
Its account.

.PARAMETER ConfigPath
The JSON file.

.PARAMETER IsoPath
A local ISO, or one on a datastore as '[datastore] folder/file.iso', instead of the file's iso_path.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.OUTPUTS
VmDeploy.Vm

.EXAMPLE
./scripts/New-ScratchVm.ps1 -Server esxi.example.com -Credential root -ConfigPath ./configs/config_question9.json -IsoPath ./debian.iso

Run in the folder examples: uploads debian.iso to the folder iso of datastore1, and boots scratch1 from it.
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

    [string]$IsoPath,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$connection = @{ Server = $Server; Credential = $Credential; Port = $Port }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }

$job = Get-Content -LiteralPath $ConfigPath -Raw -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json
if ($IsoPath) { $job | Add-Member -NotePropertyName iso_path -NotePropertyValue $IsoPath -Force }
# A session that is already open remains open. Without a session the script must end.
$open = @(Get-VmSession)
$session = try { Connect-Esxi @connection } catch { throw }
try {
    $job | New-VmFromIso -Session $session -PowerOn
}
finally {
    if ($session -notin $open) { Disconnect-Esxi $session }
}

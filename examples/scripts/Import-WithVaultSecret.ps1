<#
.SYNOPSIS
Imports an OVA with an account and a property from a vault.

.DESCRIPTION
The script, the command line and files contain no secret: Microsoft.PowerShell.SecretManagement reads it from the registered
vault (SecretStore, Azure Key Vault, KeePass, Keychain ...). To store the account there:

    Set-Secret -Name esxi -Secret (Get-Credential)

.PARAMETER Server
The ESXi host or vCenter.

.PARAMETER SecretName
Name of the secret: a PSCredential.

.PARAMETER Path
The OVA.

.PARAMETER Datastore
The datastore, if there are several.

.PARAMETER PropertySecret
OVF properties that are secret: property key to the name of a secret (text). The VM's configuration contains their values, as
the OVF standard requires.

.PARAMETER Vault
The vault, if there are several.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.OUTPUTS
VmDeploy.Vm

.EXAMPLE
./Import-WithVaultSecret.ps1 -Server esxi.example.com -SecretName esxi -Path ./appliance.ova -PropertySecret @{ 'appliance.password' = 'appliance' }
#>
#Requires -Version 5.1
#Requires -Modules VmDeploy, Microsoft.PowerShell.SecretManagement
[CmdletBinding(SupportsShouldProcess)]
[OutputType('VmDeploy.Vm')]
param(
    [Parameter(Mandatory, Position = 0)]
    [string]$Server,

    [Parameter(Mandatory, Position = 1)]
    [string]$SecretName,

    [Parameter(Mandatory, Position = 2)]
    [string]$Path,

    [string]$Datastore,

    [hashtable]$PropertySecret = @{},

    [string]$Vault,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$from = @{ ErrorAction = 'Stop' }
if ($Vault) { $from.Vault = $Vault }
$credential = Get-Secret -Name $SecretName @from
if ($credential -isnot [pscredential]) { throw "The secret '$SecretName' is not a PSCredential; store one with: Set-Secret -Name $SecretName -Secret (Get-Credential)" }

$connection = @{ Server = $Server; Credential = $credential; Port = $Port }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }
$import = @{ Path = $Path }
if ($Datastore) { $import.Datastore = $Datastore }
if ($PropertySecret.Count) {
    $import.Property = @{}
    foreach ($key in $PropertySecret.Keys) { $import.Property[$key] = Get-Secret -Name $PropertySecret[$key] -AsPlainText @from }
}

# A session that is already open remains open. Without a session the script must end.
$open = @(Get-VmSession)
$session = try { Connect-Esxi @connection } catch { throw }
try {
    Import-VmOva @import -Session $session
}
finally {
    if ($session -notin $open) { Disconnect-Esxi $session }
}

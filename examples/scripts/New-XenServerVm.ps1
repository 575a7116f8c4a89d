<#
.SYNOPSIS
Creates a VM from a template of XenServer or XCP-ng, starts it and waits for its IP address.

.DESCRIPTION
The JSON file names the template (template) and the VM (name), and what differs from the template: cpu, memory in MiB,
disk in GiB, network, vlan. The key os_type is ignored.

.PARAMETER Server
The XenServer or XCP-ng host; in a pool, any host: the script finds the master.

.PARAMETER Credential
Its account.

.PARAMETER ConfigPath
The JSON file.

.PARAMETER UserData
cloud-init's user-data: text, a file, or a hashtable; for templates whose guest runs cloud-init.

.PARAMETER WaitSec
Seconds that the guest can take to report an address; 0 does not wait, for guests without XenServer's tools.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.OUTPUTS
VmDeploy.Vm

.EXAMPLE
./scripts/New-XenServerVm.ps1 -Server xen.example.com -Credential root -ConfigPath ./configs/vm_deploy.json

Run in the folder examples: creates test-vm-01 from alpine-template with 2 CPUs, 2048 MiB and 20 GiB.
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

    [object]$UserData,

    [ValidateRange(0, 86400)]
    [int]$WaitSec = 300,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$connection = @{ Server = $Server; Credential = $Credential; Port = $Port }
if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }
$wishes = if ($WaitSec) { @{ WaitForIp = $true; TimeoutSec = $WaitSec } } else { @{ PowerOn = $true } }
if ($UserData) { $wishes.UserData = $UserData }

$job = Get-Content -LiteralPath $ConfigPath -Raw -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json
# A session that is already open remains open. Without a session the script must end.
$open = @(Get-VmSession)
$session = try { Connect-Xapi @connection } catch { throw }
try {
    $job | New-VmFromTemplate -Session $session @wishes
}
finally {
    if ($session -notin $open) { Disconnect-Xapi $session }
}

<#
.SYNOPSIS
Imports an OVA on several hosts at the same time.

.DESCRIPTION
Each host has its own thread and session; if one fails, the script continues with the others. PowerShell 7 has
Start-ThreadJob. For Windows PowerShell 5.1, install it with Install-Module ThreadJob -Scope CurrentUser;
without it the script handles one host after the other.

.PARAMETER HostList
Objects with the properties Server and, if needed, Port, CertificateThumbprint and Datastore, for example from Import-Csv.

.PARAMETER Credential
The account, the same on all hosts.

.PARAMETER Path
The OVA.

.PARAMETER Name
Name of the VM on each host.

.PARAMETER ThrottleLimit
How many hosts at a time.

.OUTPUTS
An object for each VM: Server, Name, PowerState, Uuid.

.EXAMPLE
./scripts/Import-OnManyHosts.ps1 -HostList (Import-Csv hosts.csv) -Credential root -Path ./tinyVM.ova -Name probe

hosts.csv begins with the line Server,CertificateThumbprint,Datastore
#>
#Requires -Version 5.1
#Requires -Modules VmDeploy
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)]
    [object[]]$HostList,

    [Parameter(Mandatory, Position = 1)]
    [System.Management.Automation.Credential()]
    [pscredential]$Credential,

    [Parameter(Mandatory, Position = 2)]
    [string]$Path,

    [Parameter(Mandatory, Position = 3)]
    [string]$Name,

    [ValidateRange(1, 64)]
    [int]$ThrottleLimit = 4
)

# Other threads don't have this thread's location and modules.
$file = (Resolve-Path -LiteralPath $Path -ErrorAction Stop).ProviderPath
$module = Join-Path (Get-Module VmDeploy).ModuleBase VmDeploy.psd1

$deploy = {
    param($Target, [pscredential]$Credential, $File, $Name, $Module)
    Import-Module $Module
    $connection = @{ Server = $Target.Server; Credential = $Credential }
    $import = @{ Path = $File; Name = $Name }
    foreach ($key in 'Port', 'CertificateThumbprint') { if ($Target.$key) { $connection[$key] = $Target.$key } }
    if ($Target.Datastore) { $import.Datastore = $Target.Datastore }
    # A session that is already open remains open. Without a session the script must end.
    $open = @(Get-VmSession)
    $session = try { Connect-Esxi @connection } catch { throw }
    try {
        Import-VmOva @import -Session $session |
            Select-Object @{ Name = 'Server'; Expression = { $Target.Server } }, Name, PowerState, Uuid
    }
    finally {
        if ($session -notin $open) { Disconnect-Esxi $session }
    }
}

if (Get-Command Start-ThreadJob -ErrorAction SilentlyContinue) {
    $jobs = @()
    try {
        foreach ($target in $HostList) {
            $jobs += Start-ThreadJob $deploy -ThrottleLimit $ThrottleLimit -ArgumentList $target, $Credential, $file, $Name, $module
        }
        # A host that can't be reached ends only its own thread.
        $jobs | Receive-Job -Wait
    }
    finally {
        # Ctrl+C ends only the wait; without this the threads would continue to import.
        $jobs | Stop-Job
        $jobs | Remove-Job -Force
    }
}
else {
    foreach ($target in $HostList) {
        try { & $deploy $target $Credential $file $Name $module } catch { Write-Error -ErrorRecord $_ }
    }
}

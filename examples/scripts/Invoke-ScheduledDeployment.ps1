<#
.SYNOPSIS
Creates the missing VMs of a JSON file, for Task Scheduler, cron or a build server.

.DESCRIPTION
The script has no prompts, can run again at any time (existing VMs are not changed), and reports the result in its exit code:

    0   all VMs exist
    1   some VMs could not be created; the log says why
    2   nothing could be done: no credential, no job in the JSON file, no working directory, no connection

The log has one JSON object per line: the actions, and every error with its id.

.PARAMETER Server
The ESXi host or vCenter.

.PARAMETER LoginFile
A file that the account which runs the task has written with: Get-Credential | Export-Clixml esxi.xml
On Windows only that account on that machine can read it. On Linux and macOS it is not encrypted: keep it readable for that
account alone, or take the secret from a vault as Import-WithVaultSecret.ps1 does.

.PARAMETER ConfigPath
The JSON file: one job of Import-VmOva, or an array of them.

.PARAMETER WorkingDirectory
The folder for relative paths in the JSON file; by default the folder of that file. A scheduled task often starts in a system folder.

.PARAMETER LogPath
The log file; new lines are appended.

.PARAMETER Port
TCP port, if the server doesn't use the default port.

.PARAMETER CertificateThumbprint
Thumbprint of the server's certificate, if the certificate is self-signed.

.EXAMPLE
pwsh -NoProfile -NonInteractive -File Invoke-ScheduledDeployment.ps1 -Server esxi.example.com -LoginFile esxi.xml -ConfigPath job.json -LogPath deploy.jsonl

.EXAMPLE
schtasks /Create /SC DAILY /ST 06:00 /TN Lab /TR "powershell -NoProfile -NonInteractive -File C:\deploy\Invoke-ScheduledDeployment.ps1 -Server esxi.example.com -LoginFile C:\deploy\esxi.xml -ConfigPath C:\deploy\job.json -LogPath C:\deploy\log.jsonl"

Every morning missing VMs are created again.
#>
#Requires -Version 5.1
#Requires -Modules VmDeploy
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string]$Server,

    [Parameter(Mandatory)]
    [string]$LoginFile,

    [Parameter(Mandatory)]
    [string]$ConfigPath,

    [string]$WorkingDirectory,

    [Parameter(Mandatory)]
    [string]$LogPath,

    [ValidateRange(1, 65535)]
    [int]$Port = 443,

    [string]$CertificateThumbprint
)

$ProgressPreference = 'SilentlyContinue'
$ConfirmPreference = 'None'

$session = $null
try {
    $jobs = Get-Content -LiteralPath $ConfigPath -Raw -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json -ErrorAction Stop
    if (-not $jobs) { throw "No job found in $ConfigPath." }
    $connection = @{ Server = $Server; Credential = Import-Clixml -LiteralPath $LoginFile -ErrorAction Stop; Port = $Port; LogPath = $LogPath }
    if ($CertificateThumbprint) { $connection.CertificateThumbprint = $CertificateThumbprint }
    if (-not $WorkingDirectory) { $WorkingDirectory = Split-Path (Resolve-Path -LiteralPath $ConfigPath -ErrorAction Stop).ProviderPath }
    $session = Connect-Esxi @connection
    Push-Location -LiteralPath $WorkingDirectory -ErrorAction Stop
}
catch {
    Write-Error -ErrorRecord $_ -ErrorAction Continue
    if ($session) { Disconnect-Esxi $session }
    exit 2
}

try {
    $vms = @($jobs | Import-VmOva -Session $session -ExistingVm Reuse -ErrorVariable failures)
    Write-Output "$($vms.Count) VMs exist on $Server, $($failures.Count) errors."
}
finally {
    Pop-Location
    Disconnect-Esxi $session
}
exit [int]($failures.Count -gt 0)

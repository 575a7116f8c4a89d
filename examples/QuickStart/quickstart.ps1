# The script that QuickStart runs in PowerShell: the jobs of the JSON files beside this script, on a given host.
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [ValidateSet('Esxi', 'XenServer')] [string] $Kind,
    [Parameter(Mandatory)] [string] $Server,
    [Parameter(Mandatory)] [int] $Port,
    [Parameter(Mandatory)] [string] $Thumbprint,
    [Parameter(Mandatory)] [string] $UserName
)
$ErrorActionPreference = 'Stop'

Import-Module $Module
$password = [securestring]::new()
$env:QUICKSTART_PASSWORD.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
$there = @{
    Server                = $Server
    Port                  = $Port
    CertificateThumbprint = $Thumbprint
    Credential            = [pscredential]::new($UserName, $password)
}

# Sessions that are open are logged out when PowerShell ends.
if ($Kind -eq 'Esxi') {
    Connect-Esxi @there | Out-Default
    Get-Content config_question7.json | ConvertFrom-Json | Import-VmOva | Out-Default
    Get-Content config_question8.json | ConvertFrom-Json | New-VmClone | Out-Default
    Send-VmDatastoreFile tiny.iso -Datastore datastore1 -Destination iso/ | Out-Default
    Get-Content config_question9.json | ConvertFrom-Json | New-VmFromIso -PowerOn | Out-Default
}
else {
    Connect-Xapi @there | Out-Default
    $job = Get-Content config_question7.json | ConvertFrom-Json
    Import-VmOva $job.ovf_path -NamePrefix $job.vm_name_prefix -Count $job.num_instances | Out-Default
    $job = Get-Content vm_deploy.json | ConvertFrom-Json
    $job | New-VmFromTemplate -UserData @{ hostname = $job.name } -PowerOn | Out-Default
}

# What QuickStart runs in a PowerShell: the job of the JSON file beside this script, against a host that is given.
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Server,
    [Parameter(Mandatory)] [int] $Port,
    [Parameter(Mandatory)] [string] $Thumbprint,
    [Parameter(Mandatory)] [string] $UserName
)
$ErrorActionPreference = 'Stop'

Import-Module $Module
$password = [securestring]::new()
$env:QUICKSTART_PASSWORD.ToCharArray() | ForEach-Object { $password.AppendChar($_) }
Connect-Esxi -Server $Server -Port $Port -CertificateThumbprint $Thumbprint `
    -Credential ([pscredential]::new($UserName, $password)) | Out-Default
try {
    Get-Content config_question7.json | ConvertFrom-Json | Import-VmOva | Out-Default
}
finally {
    Disconnect-Esxi
}

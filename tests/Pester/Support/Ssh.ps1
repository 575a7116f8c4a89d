. "$PSScriptRoot/Requires.ps1"

# A real sshd on loopback with its own keys, and an ssh first on the PATH that knows only this server.
function Get-SshTool([string]$Name) {
    '/usr/sbin', '/usr/bin' | ForEach-Object { "$_/$Name" } | Where-Object { Test-Path $_ } | Select-Object -First 1
}

# Whether -ViaSsh can be tried here; a build server must be able to.
function Test-Ssh {
    $isThere = $IsLinux -and (Get-SshTool sshd) -and (Get-SshTool ssh) -and (Get-SshTool ssh-keygen)
    if (-not $isThere -and (Test-BuildServer)) { throw 'These tests need openssh-server and openssh-client.' }
    [bool]$isThere
}

function Start-SshServer([string]$Folder) {
    # If sshd runs as root and the system has not started one.
    if ((id -u) -eq 0) { $null = New-Item -ItemType Directory /run/sshd -Force }
    $null = New-Item -ItemType Directory $Folder, "$Folder/bin"
    foreach ($key in 'host', 'user') { & (Get-SshTool ssh-keygen) -q -t ed25519 -N '' -f "$Folder/$key" }
    $free = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
    $free.Start()
    $port = $free.LocalEndpoint.Port
    $free.Stop()
    "ListenAddress 127.0.0.1:$port", "HostKey $Folder/host", "AuthorizedKeysFile $Folder/user.pub", 'StrictModes no',
    'PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'PidFile none' | Set-Content "$Folder/sshd_config"
    "[127.0.0.1]:$port $(Get-Content "$Folder/host.pub")" | Set-Content "$Folder/known_hosts"
    'Host inner-host', 'HostName 127.0.0.1', "Port $port", 'Host *', "IdentityFile $Folder/user", 'IdentitiesOnly yes', 'IdentityAgent none',
    "UserKnownHostsFile $Folder/known_hosts", 'GlobalKnownHostsFile /dev/null' | Set-Content "$Folder/config"
    # Records the process id, and executes ssh.
    '#!/bin/sh', "echo `$`$ >> '$Folder/pids'", "exec $(Get-SshTool ssh) -F '$Folder/config' `"`$@`"" | Set-Content "$Folder/bin/ssh"
    chmod +x "$Folder/bin/ssh"
    $process = Start-Process (Get-SshTool sshd) '-D', '-E', "$Folder/log", '-f', "$Folder/sshd_config" -PassThru
    Wait-Until { (Test-Path "$Folder/log") -and (Select-String 'Server listening' "$Folder/log" -Quiet) }
    [pscustomobject]@{ Folder = $Folder; Path = "$Folder/bin"; Process = $process; Login = "$([Environment]::UserName)@inner-host" }
}

# The started ssh processes that are still running.
function Get-SshProcess($Server) {
    if (Test-Path "$($Server.Folder)/pids") { Get-Content "$($Server.Folder)/pids" | Where-Object { Test-Path "/proc/$_" } }
}

function Stop-SshServer($Server) {
    if ($Server) { $Server.Process.Kill($true) }
}

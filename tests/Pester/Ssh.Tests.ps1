BeforeDiscovery {
    . "$PSScriptRoot/Support/Ssh.ps1"
    $noSsh = -not (Test-Ssh)
}

BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    . "$PSScriptRoot/Support/Ssh.ps1"
    $simulator = Start-Simulator
    $at = @{ Credential = $simulator.Credential; Port = $simulator.HttpsPort; CertificateThumbprint = $simulator.Thumbprint }
    $path = $env:PATH
}

AfterAll {
    $env:PATH = $path
    Get-VmSession | Disconnect-Esxi
    Stop-Simulator $simulator
}

Describe '-ViaSsh' -Skip:$noSsh {
    BeforeAll {
        $ssh = Start-SshServer (Join-Path $TestDrive ssh)
        $env:PATH = "$($ssh.Path):$path"
        # A new PowerShell that connects and continues with a script.
        function Invoke-Connected([string]$Script) {
            Invoke-Child $simulator @"
Disconnect-Esxi
`$at = @{ Credential = `$credential; Port = $($simulator.HttpsPort); CertificateThumbprint = '$($simulator.Thumbprint)' }
`$session = Connect-Esxi -ViaSsh '$($ssh.Login)' @at
$Script
"@
        }
    }

    AfterAll {
        Stop-SshServer $ssh
        $env:PATH = $path
    }

    AfterEach { Get-VmSession | Disconnect-Esxi }

    It 'reaches the SSH host itself, under its name' {
        $session = Connect-Esxi -ViaSsh $ssh.Login @at
        $session.Server | Should -Be 'inner-host'
        $session.ViaSsh | Should -Be $ssh.Login
        "$session" | Should -Be "$($simulator.UserName)@inner-host"
        @(Get-SshProcess $ssh).Count | Should -Be 1
        (Test-VmSession).IsAlive | Should -BeTrue
        (Send-Order $simulator).OpenSessions | Should -Be 1
        Disconnect-Esxi
        Get-SshProcess $ssh | Should -BeNullOrEmpty
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'reaches another server that the SSH host sees' {
        (Connect-Esxi 127.0.0.1 -ViaSsh $ssh.Login @at).Server | Should -Be '127.0.0.1'
        @(Get-SshProcess $ssh).Count | Should -Be 1
    }

    It 'ends ssh when the module is removed' {
        Invoke-Connected "Remove-Module VmDeploy; 'removed'; @(Get-Content '$($ssh.Folder)/pids' | Where-Object { Test-Path /proc/`$_ }).Count" |
            Should -Match 'removed\s+0'
    }

    It 'ends ssh when PowerShell <what>' -ForEach @(
        @{ what = 'exits'; how = "'here: ' + `$session.ViaSsh" }
        @{ what = 'is told to end at once'; how = "'here: ' + `$session.ViaSsh; [Environment]::Exit(3)" }
        @{ what = 'is killed'; how = "'here: ' + `$session.ViaSsh; [Diagnostics.Process]::GetCurrentProcess().Kill()" }
    ) {
        Invoke-Connected $how | Should -Match 'here: .*@inner-host'
        Wait-Until { -not (Get-SshProcess $ssh) }
    }

    It 'says in the words of ssh what is wrong' {
        $caught = $null
        try { Connect-Esxi -ViaSsh "nobody-at-all@inner-host" @at } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'SshFailed,VmDeploy.PowerShell.ConnectEsxiCommand'
        "$($caught.CategoryInfo.Category)" | Should -Be 'ConnectionError'
        $caught | Should -Match 'Permission denied'
        $caught.ErrorDetails.RecommendedAction | Should -Match 'by hand'
        Get-SshProcess $ssh | Should -BeNullOrEmpty
    }
}

Describe 'Without an SSH client' {
    It '-ViaSsh says so' {
        $env:PATH = $TestDrive
        try { { Connect-Xapi -ViaSsh root@xen1 -Credential $simulator.Credential } | Should -Throw -ErrorId 'SshNotFound,VmDeploy.PowerShell.ConnectXapiCommand' }
        finally { $env:PATH = $path }
    }

    It '-ViaSsh takes no option of ssh for a host' {
        { Connect-Xapi -ViaSsh '-oProxyCommand=x' -Credential $simulator.Credential } |
            Should -Throw -ErrorId 'SshDestinationInvalid,VmDeploy.PowerShell.ConnectXapiCommand'
    }
}

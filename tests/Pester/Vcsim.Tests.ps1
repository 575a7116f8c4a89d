# The story against a vSphere simulator that nobody of this project wrote; tests/vcsim/build.sh builds it.
BeforeDiscovery {
    $program = Join-Path $PSScriptRoot '../vcsim/bin/vcsim'
    # On a build server all is at hand, so that nothing goes untested unnoticed.
    $missing = -not (Test-Path $program) -and $env:CI -ne 'true'
}

Describe 'On vcsim as <mode>' -Skip:$missing -ForEach @(
    @{ mode = 'ESX'; arguments = '-tls -vms 2' }
    @{ mode = 'vCenter'; arguments = '-tls -vcenter -vms 2' }
) {
    BeforeAll {
        . "$PSScriptRoot/Support/Import.ps1"
        . "$PSScriptRoot/Support/Simulator.ps1"
        $trace = Join-Path $TestDrive 'trace'
        $start = [Diagnostics.ProcessStartInfo]::new("$Repository/tests/vcsim/bin/vcsim", "$arguments -trace `"$trace`"")
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $vcsim = [Diagnostics.Process]::Start($start)
        $url = [uri]$vcsim.StandardOutput.ReadLine()
        $vcsim.BeginErrorReadLine()
        $credential = [pscredential]::new('user', (ConvertTo-SecureString 'pass' -AsPlainText -Force))
        $null = Connect-Esxi $url.Host $credential -Port $url.Port -SkipCertificateCheck -WarningAction SilentlyContinue
        Push-Location "$Repository/examples"
    }

    AfterAll {
        Pop-Location
        Get-VmSession | Disconnect-Esxi
        $vcsim.StandardInput.Close()
        $vcsim.WaitForExit()
        Assert-Schema $trace
    }

    It 'imports what config_question7.json asks for, starts it and removes it' {
        $before = (Get-VmInstance).Name
        $vms = Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -ErrorAction Stop
        $vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        "$(($vms | Start-VmInstance -ErrorAction Stop).PowerState)" | Should -Be 'On On On'
        (Get-VmInstance tiny*).Count | Should -Be 3
        $vms | Remove-VmInstance -Force -Confirm:$false -ErrorAction Stop
        (Get-VmInstance).Name | Should -Be $before
    }

    It '-WhatIf makes nothing' {
        $before = (Get-VmInstance).Name
        Get-Content configs/config_question7.json | ConvertFrom-Json | Import-VmOva -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-VmInstance).Name | Should -Be $before
    }

    It 'lists the valid names when one is wrong' {
        $caught = $null
        try { Import-VmOva tinyVM.ova -Datastore nowhere -HostName localhost.localdomain -ErrorAction Stop } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'DatastoreNotFound,VmDeploy.PowerShell.ImportVmOvaCommand'
        $caught.Exception.Message | Should -Match 'datastore1'
    }
}

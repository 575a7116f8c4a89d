# The story again with commands of Windows PowerShell 5.1; there it is the only file that runs.
BeforeAll {
    . "$PSScriptRoot/Support/Import.ps1"
    . "$PSScriptRoot/Support/Simulator.ps1"
    Push-Location "$Repository/examples"
}

AfterAll { Pop-Location }

Describe 'The module in PowerShell' {
    It 'is imported with all its cmdlets' {
        (Get-Command -Module VmDeploy).Count | Should -Be (Import-PowerShellDataFile $ModulePath).CmdletsToExport.Count
    }

    It 'looks into a package' {
        $ova = Get-VmOva ./tinyVM.ova -Verify
        $ova.Integrity | Should -Be 'Intact'
    }

    It 'says the way out, wherever this PowerShell shows it' {
        $caught = $null
        try { Get-VmInstance } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -Be 'NoSession,VmDeploy.PowerShell.GetVmInstanceCommand'
        ($caught | Out-String) -replace '\s+', ' ' | Should -Match 'Open a session with Connect-Esxi'
    }
}

Describe 'The story on <mode>' -ForEach @(@{ mode = 'esxi' }, @{ mode = 'xenserver' }) {
    BeforeAll {
        $simulator = Start-Simulator @{ mode = $mode }
        $log = Join-Path $TestDrive "$mode.jsonl"
    }

    AfterAll {
        Disconnect-All
        Stop-Simulator $simulator
    }

    It 'imports, starts, clones and removes' {
        $ErrorActionPreference = 'Stop'
        $null = Connect-Simulator $simulator
        $job = Get-Content configs/config_question7.json -Raw | ConvertFrom-Json
        if ($mode -eq 'xenserver') {
            $job = $job | Select-Object ovf_path, num_instances, vm_name_prefix
            $job | Add-Member network_map 'Pool-wide network associated with eth0'
        }
        $vms = @($job | Import-VmOva)
        $vms.Name | Sort-Object | Should -Be 'tinyVM1', 'tinyVM2', 'tinyVM3'
        (Send-Order $simulator).Vms.Count | Should -Be 3

        $clone = $vms[0] | New-VmClone -Name copy
        $started = $clone | Start-VmInstance
        "$($started.Name) $($started.PowerState)" | Should -Be 'copy On'
        Get-VmInstance | Remove-VmInstance -Force -Confirm:$false
        @((Send-Order $simulator).Vms).Count | Should -Be 0
        Disconnect-All
        (Send-Order $simulator).OpenSessions | Should -Be 0
    }

    It 'refuses a certificate that nobody vouches for' {
        $connect = if ($mode -eq 'xenserver') { 'Connect-Xapi' } else { 'Connect-Esxi' }
        $caught = $null
        try { & $connect $simulator.Server $simulator.Credential -Port $simulator.HttpsPort -LogPath $log } catch { $caught = $_ }
        $caught.FullyQualifiedErrorId | Should -BeLike 'CertificateNotTrusted,*'
        (Get-Content $log | Select-Object -Last 1 | ConvertFrom-Json).id | Should -Be 'CertificateNotTrusted'
    }
}
